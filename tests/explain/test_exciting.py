"""The most exciting pictures, against looking at every picture on its own."""

import json
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.explain.trained import trained
from torch import nn

from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain import most_exciting, receptive_field, trace_picture
from pellucid.explain.features.best import Best
from pellucid.images import read_image, save_image
from pellucid.images.read import Picture
from pellucid.watch import Watcher

RECORD = Preprocessing("gray", 12, 12, (0.5,), (0.25,), "crop")


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 5, 3), nn.Flatten(),
        nn.Linear(80, 3),
    )  # fmt: skip


def pictures(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    return [
        random.integers(0, 256, (random.integers(10, 30), random.integers(10, 30), 1), np.uint8)
        for _ in range(count)
    ]


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_values_places_and_patches_are_those_of_every_picture_on_its_own(batch: int) -> None:
    images, model = pictures(30), trained(network(), RECORD)
    found = most_exciting(model, images, "3", [4, 0], count=4, batch=batch)
    assert found.channels == (4, 0) and found.images == 30 and not found.unread
    traces = [
        trace_picture(model.network, Picture(image, "array", "gray", bytes(16)), RECORD)
        for image in images
    ]
    for channel in (4, 0):
        maps = [trace.value("3")[0, channel] for trace in traces]
        order = sorted(range(30), key=lambda place: -maps[place].max())[:4]
        rows = found.channel(channel)
        assert [row.index for row in rows] == order
        for row in rows:
            assert row.activation == pytest.approx(maps[row.index].max(), rel=1e-5)
            assert maps[row.index][row.at] == maps[row.index].max()
            field = receptive_field(traces[row.index], "3", (channel, *row.at))
            assert row.box == field.original.box
            top, bottom, left, right = row.box
            expected = images[row.index][top:bottom, left:right]
            np.testing.assert_array_equal(row.patch, expected.repeat(3, axis=2))


def test_vectors_see_everything() -> None:
    images = pictures(5)
    found = most_exciting(trained(network(), RECORD), images, "5", [1], count=2)
    assert [row.at for row in found.rows] == [(), ()]
    side = min(images[found.rows[0].index].shape[:2])
    assert (found.rows[0].box.height, found.rows[0].box.width) == (side, side)  # the crop


def test_bad_pictures_are_named_and_stop_nothing(tmp_path: Path) -> None:
    save_image(tmp_path / "good.png", pictures(1)[0].repeat(3, axis=2))
    (tmp_path / "bad.png").write_bytes(b"no picture")
    names = [str(tmp_path / name) for name in ("bad.png", "good.png", "missing.png")]
    found = most_exciting(trained(network(), RECORD), names, "0", [0])
    assert [Path(row.image).name for row in found.rows] == ["good.png"]
    assert [Path(each.name).name for each in found.unread] == ["bad.png", "missing.png"]
    assert all(each.why for each in found.unread)
    with pytest.raises(UsageError, match="expected pictures that can be read, found none"):
        most_exciting(trained(network(), RECORD), names[:1], "0", [0])
    with pytest.raises(UsageError, match="expected pictures that can be read, found none"):
        most_exciting(trained(network(), RECORD), [], "0", [0])


class Explodes(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1 / (x + 2)  # infinite where a pixel is 0, by the record below


def test_pictures_that_make_infinities_are_passed_over() -> None:
    record = Preprocessing("gray", 2, 2, (0.5,), (0.25,))
    images = [np.full((2, 2, 1), value, np.uint8) for value in (0, 255, 128)]
    found = most_exciting(trained(Explodes(), record), images, 2, [0])
    assert [row.index for row in found.rows] == [2, 1]
    assert [each.name for each in found.unread] == ["image 0"]
    assert "NaN or infinite" in found.unread[0].why


def test_pictures_stream_by() -> None:
    alive: list[weakref.ref] = []

    class Owned(np.ndarray):
        """An array that a weak reference can point to."""

    def stream() -> Iterator[np.ndarray]:
        for place in range(60):
            image = np.full((12, 12, 1), 255 - place, np.uint8).view(Owned)
            alive.append(weakref.ref(image))
            yield image
            assert sum(each() is not None for each in alive) <= 12

    told: list[tuple[str, object]] = []

    class Watch(Watcher):
        def stage(self, name: str, total: int | None) -> None:
            told.append((name, total))

        def advance(self, count: int) -> None:
            told.append(("advance", count))

    found = most_exciting(
        trained(nn.Identity(), RECORD), stream(), "input", [0], count=2, batch=4, watch=Watch()
    )
    assert [row.index for row in found.rows] == [0, 1]
    assert told[0] == ("looking at pictures", None)
    assert sum(count for name, count in told[1:]) == 60


def test_a_data_set_of_folders(tmp_path: Path) -> None:
    for name in ("cat/a.png", "dog/b.png"):
        (tmp_path / name).parent.mkdir()
        save_image(tmp_path / name, pictures(1)[0].repeat(3, axis=2))
    catalogue = open_catalogue(tmp_path)
    found = most_exciting(trained(network(), RECORD), catalogue, "1", count=1)
    assert {row.image for row in found.rows} == {"cat/a.png"}  # equal: the earlier one
    assert found.channels == tuple(range(6))
    assert found.picture(width=500).shape[1] == 500
    record = json.loads(json.dumps(found.to_json()))
    assert record["rows"][0]["image"] == "cat/a.png" and record["images"] == 2
    assert list(found.to_frame()["channel"]) == list(range(6))
    assert "channel 0: cat/a.png" in str(found)
    assert read_image(tmp_path / "cat/a.png").pixels.size


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 4), st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(1, 5))
def test_the_best_do_not_depend_on_batches(channels: int, sizes: list[int], count: int) -> None:
    random = np.random.default_rng(sum(sizes))
    values = random.integers(0, 4, (sum(sizes), channels, 2, 3)).astype(float)
    best, start = Best(range(channels), count), 0
    for size in sizes:
        best.add(values[start : start + size], range(start, start + size))
        start += size
    rows = list(best.rows())
    for channel in range(channels):
        largest = values[:, channel].max(axis=(1, 2))
        order = sorted(range(len(values)), key=lambda place: (-largest[place], place))[:count]
        assert [(row[1], row[2]) for row in rows if row[0] == channel] == [
            (place, largest[place]) for place in order
        ]
    assert all(values[image, channel][at] == value for channel, image, value, at in rows)


def test_wrong_calls() -> None:
    model, images = trained(network(), RECORD), pictures(2)
    for call, words in (
        ({"layer": "relu"}, "unknown layer 'relu'"),
        ({"layer": "0", "channels": [6]}, "expected channels from 0 to 5, found 6"),
        ({"layer": "0", "count": 0}, "expected a count from 1 to 100 pictures, found 0"),
        ({"layer": "0", "batch": 0}, "expected a batch of at least 1 picture, found 0"),
    ):
        with pytest.raises(UsageError, match=words):
            most_exciting(model, images, **call)
    with pytest.raises(UsageError, match="expected a data set or a list of pictures, found one"):
        most_exciting(model, images[0], "0")
