"""What the rooms about a network are made of, without a browser."""

import time
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.metrics import confusion_matrix
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain import Trace, receptive_field, trace_image, trace_network
from pellucid.explain.maps.occlusion import covered
from pellucid.studio.judged import Judged, judged_of
from pellucid.studio.photos import Photo
from pellucid.studio.reach import hull
from pellucid.studio.rooms.data.live import free_beside, readable_folder
from pellucid.studio.rooms.inside.sight import Sight
from pellucid.studio.rooms.inside.spot import Spot, spot_of, trail_of, written
from pellucid.studio.rooms.inside.telling import told
from pellucid.studio.rooms.network.lineup import LINEUP, OWN, outline
from pellucid.studio.traces import Bench
from pellucid.studio.training import Trainer
from pellucid.training.run import Run, open_run

RECORD = Preprocessing("rgb", 16, 16, (0.5,) * 3, (0.25,) * 3)


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 2, 3),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    ).eval()  # fmt: skip


@pytest.fixture(scope="module")
def trace() -> Trace:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    return trace_image(small_network(), pixels, RECORD, classes=("a", "b"))


def test_a_spot_is_what_the_address_says(trace: Trace) -> None:
    assert spot_of(trace, "3", "1,2,3") == Spot("3", (1, 2, 3))
    assert trail_of(trace, "5@0;3@1,2,3") == (Spot("5", (0,)), Spot("3", (1, 2, 3)))
    assert written(trail_of(trace, "5@0;3@1,2,3")) == "5@0;3@1,2,3"
    strong = spot_of(trace, "3", "")
    assert trace.value("3")[0][strong.at] == trace.value("3").max()


@pytest.mark.parametrize("at", ["9,0,0", "0,0", "0,0,x", "-1,0,0", "0,0,99"])
def test_a_spot_that_is_not_there_is_told(trace: Trace, at: str) -> None:
    with pytest.raises(UsageError, match="expected a position in 3, which is 2 × 6 × 6"):
        spot_of(trace, "3", at)
    with pytest.raises(UsageError, match="did you mean"):
        spot_of(trace, "trunk.3", "") if "trunk.3" in trace.names else spot_of(trace, "pixel", "")


@settings(max_examples=12, deadline=None)
@given(some.data())
def test_the_hull_is_the_box_of_the_exact_field(data: some.DataObject) -> None:
    layers: list[nn.Module] = [
        nn.Conv2d(1, 1, data.draw(some.integers(1, 5)), data.draw(some.integers(1, 2)),
                  data.draw(some.integers(0, 2)), data.draw(some.integers(1, 2)))
        for _ in range(data.draw(some.integers(1, 3)))
    ]  # fmt: skip
    record = Preprocessing("gray", 80, 80, (0.5,), (0.5,))
    found = trace_image(nn.Sequential(*layers), np.zeros((80, 80), np.uint8), record)
    y, x = (data.draw(some.integers(0, side - 1)) for side in found.output.shape[2:])
    exact = receptive_field(found, found.output.index, (0, y, x)).shown.box
    box = hull(found, found.output.index, (0, y, x))
    if exact is not None:
        # With gaps at an edge the exact box may be smaller: the hull is of the whole window.
        assert box is not None
        top, left, height, width = box
        assert top <= exact.top and left <= exact.left
        assert exact.bottom <= top + height and exact.right <= left + width
        if all(layer.dilation == (1, 1) and layer.stride <= layer.kernel_size for layer in layers):
            assert box == (exact.top, exact.left, exact.height, exact.width)


def test_the_terms_of_a_record_make_its_number(trace: Trace) -> None:
    sight = Sight(trace, spot_of(trace, "3", "0,1,1"))
    record = told(sight.account)
    number = lambda text: float(text.replace("−", "-"))  # noqa: E731
    parts = [number(term["product"]) for term in record["terms"]]
    parts += [number(record["rest"]["product"]), number(record["bias"])]
    assert sum(parts) == pytest.approx(float(trace.value("3")[0, 0, 1, 1]), abs=1e-4)
    assert record["agrees"] and len(record["terms"]) == 16
    sizes = [abs(number(term["product"])) for term in record["terms"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sight.below(0).spot.layer == "2"


def test_a_vector_is_folded_and_found_again(trace: Trace) -> None:
    sight = Sight(trace, Spot("5", (1,)))
    assert sight.cell == (0, 1)
    other = sight.beside(0, 0)
    assert other is not None and other.spot == Spot("5", (0,))
    assert sight.beside(0, 5) is None and sight.beside(3, 0) is None


def test_covering_is_writing_into_the_input(trace: Trace) -> None:
    found = covered(trace, slice(2, 7), slice(4, 12))
    own = trace.value(trace.input)
    for c in range(3):
        mean = float(np.mean(own[0, c], dtype=np.float64))
        for y in range(16):
            for x in range(16):
                inside = 2 <= y < 7 and 4 <= x < 12
                assert found[0, c, y, x] == pytest.approx(mean if inside else own[0, c, y, x])


def test_a_network_traced_twice_is_traced_once(run: Run) -> None:
    bench = Bench(run.folder)
    pixels = np.zeros((9, 9, 3), np.uint8)
    first = bench.trace(Photo("one", "One", pixels, (9, 9)))
    assert bench.trace(Photo("two", "Two", pixels.copy(), (9, 9))) is first
    assert bench.trace(Photo("one", "One", pixels + 1, (9, 9))) is not first


def test_judged_images_are_those_of_the_evaluation(run: Run) -> None:
    evaluation = run.evaluation
    assert evaluation is not None
    shares: list[float] = []
    judged = judged_of(Bench(run.folder), evaluation.split, shares.append)
    said = judged.probabilities.argmax(axis=1)
    found = confusion_matrix(judged.labels, said, labels=range(3))
    assert found.tolist() == [list(row) for row in evaluation.confusion]
    cells = [judged.cell(i, j) for i in range(3) for j in range(3)]
    assert sorted(chain.from_iterable(cells)) == list(range(evaluation.count))
    assert shares and shares == sorted(shares) and shares[-1] <= 1


def test_cells_begin_with_the_surest() -> None:
    table = np.array([[0.4, 0.6], [0.1, 0.9]], np.float32)
    judged = Judged(np.arange(2), ("a", "b"), np.zeros(2, np.intp), table)
    assert judged.cell(0, 1) == [1, 0]


@pytest.mark.parametrize("key", [key for key in LINEUP if key != OWN])
def test_every_network_of_the_list_can_be_drawn(key: str) -> None:
    assert outline(key).totals.macs > 0


@pytest.mark.parametrize("typed", ["", "  ", "photos", "/no/such/folder"])
def test_only_folders_that_are_there_are_taken(typed: str) -> None:
    with pytest.raises(UsageError, match="expected a folder"):
        readable_folder(typed)


def test_runs_are_made_beside_the_one_in_use(run: Run, images: Path) -> None:
    assert readable_folder(str(images)) == images
    found = free_beside(run.folder, images)
    assert found.parent == run.folder.parent and not found.exists()


def wait(trainer: Trainer, true: str) -> None:
    """Until there is an epoch, or the end."""
    for _ in range(2500):
        now = trainer.now
        assert now is not None
        if (true == "epoch" and now.epochs) or now.end is not None:
            return
        time.sleep(0.1)
    raise AssertionError(f"no {true} came")


def test_a_training_is_watched_stopped_and_gone_on_with(images: Path, tmp_path: Path) -> None:
    trainer = Trainer()
    wishes = {"epochs": 4000, "size": 16, "width": 8}
    folder = tmp_path / "run"
    trainer.start({"data": str(images), "output": str(folder), "wishes": wishes})
    with pytest.raises(UsageError, match="a training runs already"):
        trainer.start({"resume": str(folder)})
    wait(trainer, "epoch")
    trainer.stop()
    wait(trainer, "end")
    now = trainer.now
    assert now is not None and now.end == {"status": "interrupted", "folder": str(folder)}
    assert any("copies" in sentence for sentence in now.messages)
    done = len(open_run(folder).record["history"])
    assert done >= 1 and not trainer.busy
    trainer.start({"resume": str(folder)})
    wait(trainer, "epoch")
    trainer.stop()
    wait(trainer, "end")
    assert len(open_run(folder).record["history"]) > done


def test_a_training_that_fails_says_why(tmp_path: Path) -> None:
    trainer = Trainer()
    trainer.start({"data": str(tmp_path), "output": str(tmp_path / "run"), "wishes": {}})
    wait(trainer, "end")
    assert trainer.now is not None and trainer.now.end is not None
    assert trainer.now.end["status"] == "failed" and str(tmp_path) in trainer.now.end["error"]


def test_a_tensor_has_no_hull() -> None:
    traced = trace_network(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), torch.ones(1, 1, 2, 2))
    assert hull(traced, traced.output.index, (0,)) is None
