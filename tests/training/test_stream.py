"""Training batches from shards: the same whatever the number of workers, bad images left out."""

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pellucid.data.preprocessing import Preprocessing
from pellucid.data.shards.index import Shards, open_shards
from pellucid.errors import UsageError
from pellucid.launch import Place
from pellucid.training.learning.stream import StreamFeed
from pellucid.training.workers.distributed import World

spec = importlib.util.spec_from_file_location(
    "shard_files", Path(__file__).parents[1] / "data" / "shard_files.py"
)
assert spec is not None and spec.loader is not None
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)

RECORD = Preprocessing("gray", 4, 4, (0.5,), (0.5,))


class Among(World):
    """One of several workers, all of whose counts are known beforehand."""

    def __init__(self, rank: int, size: int) -> None:
        super().__init__(Place(rank, size, rank, size))

    def sums(self, *numbers: float) -> list[float]:
        return [max(number, 1) for number in numbers]


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    files.write_set(tmp_path, [20, 30, 10, 5])
    return open_shards(str(tmp_path / "part-{000..003}.tar"))


def epoch(feed: StreamFeed, number: int = 0, done: int = 0) -> list[tuple[Tensor, Tensor]]:
    return [(b.images[:, 0, 0, 0], b.labels) for b in feed.batches(number, 4, done)]


def feed_of(shards: Shards, rank: int = 0, size: int = 1, **options: object) -> StreamFeed:
    complain = options.pop("complain", pytest.fail)
    world = Among(rank, size) if size > 1 else World(Place())
    return StreamFeed(shards, RECORD, 3, lanes=8, complain=complain, world=world)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [2, 3, 8])
def test_batches_do_not_depend_on_the_number_of_workers(shards: Shards, size: int) -> None:
    alone = epoch(feed_of(shards))
    parts = [epoch(feed_of(shards, rank, size)) for rank in range(size)]
    for step, (values, labels) in enumerate(alone):
        assert torch.equal(torch.cat([part[step][0] for part in parts]), values)
        assert torch.equal(torch.cat([part[step][1] for part in parts]), labels)
    seen = torch.cat([values for values, _ in alone])
    assert sorted(seen.tolist()) == list(range(65))
    assert all((labels == values % 3).all() for values, labels in alone)


def test_going_on_in_the_middle_gives_the_rest(shards: Shards) -> None:
    whole, rest = epoch(feed_of(shards), 2), epoch(feed_of(shards), 2, done=3)
    assert len(rest) == 1
    assert torch.equal(rest[0][0], whole[3][0])


def test_bad_images_are_named_once_and_left_out(tmp_path: Path) -> None:
    members = []
    for number in range(40):
        content = b"no image" if number in (7, 9) else files.png(number)
        members += [(f"{number:03d}.png", content), (f"{number:03d}.cls", b"ab"[number % 2 :][:1])]
    shards = open_shards(str(files.write_tar(tmp_path / "a.tar", members)))
    said: list[str] = []
    feed = feed_of(shards, complain=said.append)
    for number in range(2):
        seen = torch.cat([values for values, _ in epoch(feed, number)]).tolist()
        assert sorted(seen) == [n for n in range(40) if n not in (7, 9)]
    assert len(said) == 2
    assert sorted(name for line in said for name in ("007", "009") if f"a.tar/{name}" in line) == [
        "007",
        "009",
    ]


def test_more_workers_than_lanes_are_refused(shards: Shards) -> None:
    with pytest.raises(UsageError, match="at most 8 workers"):
        feed_of(shards, 0, 9)
