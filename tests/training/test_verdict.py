"""On which images a finished run is judged again."""

import importlib.util
from pathlib import Path

import pytest

import pellucid
from pellucid.training.run import Run

spec = importlib.util.spec_from_file_location(
    "shard_files", Path(__file__).parents[1] / "data" / "shard_files.py"
)
assert spec is not None and spec.loader is not None
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on streamed shards without parts: the last of them validates."""
    folder = tmp_path_factory.mktemp("streamed")
    files.write_set(folder / "in", [24, 24, 9])
    return pellucid.train(
        folder / "in" / "part-{000..002}.tar", folder / "run", epochs=1, width=4, stream=True
    )


def test_a_streamed_run_is_judged_on_what_it_held_back(streamed: Run) -> None:
    assert streamed.evaluation is not None and streamed.evaluation.count == 9
    data = streamed.folder.parent / "in" / "part-{000..002}.tar"
    again = pellucid.evaluate(streamed.folder, data)
    assert (again.split, again.count) == ("val", 9)
    assert again.accuracy == streamed.evaluation.accuracy


def test_other_shards_are_judged_as_a_whole(streamed: Run) -> None:
    data = streamed.folder.parent / "in" / "part-{000..001}.tar"
    again = pellucid.evaluate(streamed.folder, data)
    assert (again.split, again.count) == ("all", 48)
