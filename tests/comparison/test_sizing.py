"""Networks are sized as near to a number of parameters as their widths allow."""

import pytest

from pellucid.comparison.lineup import Entry
from pellucid.comparison.sizing import SIZED, nearest, parameters_of, size_all
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.models import Architecture, arguments_for

RECORD = Preprocessing("gray", 28, 28, mean=(0.5,), std=(0.5,))


def plain(model: str) -> Architecture:
    given = {"classes": 10, "channels": 1, "height": 28, "width": 28}
    return Architecture(model, arguments_for(model, **given))


@pytest.mark.parametrize("model", SIZED)
@pytest.mark.parametrize("target", [1_000, 54_321, 800_000])
def test_no_other_width_comes_nearer(model: str, target: int) -> None:
    found = parameters_of(nearest(plain(model), RECORD, target))
    counts = []
    for wide in range(1, 600):
        options = SIZED[model](wide, 28, 28)
        counts.append(parameters_of(Architecture(model, plain(model).arguments | options)))
        if counts[-1] > 3 * target:
            break
    ratio = min(max(count / target, target / count) for count in counts)
    assert max(found / target, target / found) == pytest.approx(ratio)


def test_networks_of_fixed_size_set_the_target() -> None:
    entries = [Entry(name, name) for name in ("fully_connected", "nin_small", "googlenet_small")]
    sizing = size_all(entries, 10, RECORD, None)
    assert sizing.fixed == ("nin_small", "googlenet_small")
    assert sizing.target == round((132_138 * 245_906) ** 0.5)
    assert parameters_of(sizing.architectures["nin_small"]) == 132_138
    asked = size_all(entries, 10, RECORD, 50_000)
    assert asked.fixed == () and asked.target == 50_000
    counts = [parameters_of(each) for each in asked.architectures.values()]
    assert counts[0] == pytest.approx(50_000, rel=0.02) and counts[1:] == [132_138, 245_906]


def test_one_network_alone_stays_as_it_is() -> None:
    sizing = size_all([Entry("compact", "compact")], 10, RECORD, None)
    assert sizing.target is None and sizing.architectures["compact"] == plain("compact")


def test_too_small_an_image_is_refused_by_name_and_layer() -> None:
    sizing = size_all([Entry("alexnet", "alexnet"), Entry("lenet", "lenet")], 10, RECORD, None)
    assert list(sizing.architectures) == ["lenet"]
    assert "pool2" in sizing.refused["alexnet"]


def test_a_fixed_network_has_no_width_to_choose() -> None:
    with pytest.raises(UsageError, match="cannot be chosen"):
        nearest(plain("nin_small"), RECORD, 1000)
