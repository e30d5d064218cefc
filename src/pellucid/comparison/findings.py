"""What a comparison's figures say, in sentences that follow from the figures alone."""

from collections.abc import Sequence
from statistics import stdev

from pellucid.comparison.results import LEVEL, Pair, Standing

#: Counts of parameters that differ by less than this share are called about as many.
_SIMILAR = 0.1
#: Sentences call the split so.
_SPLITS = {"test": "test", "val": "validation"}


def findings(
    networks: Sequence[Standing], pairs: Sequence[Pair], baseline: float, split: str
) -> tuple[str, ...]:
    """Sentences on who is best, what is decided, what it costs, and what remains open.

    Args:
        networks: at least one.
        pairs: every two of them.
        baseline: accuracy of always giving the most frequent class.
        split: which images were judged, ``test`` or ``val``.
    """
    best = max(networks, key=lambda one: one.accuracy)
    return (
        _best(best, networks, split),
        *_against(best, pairs),
        *_others(best, networks, pairs),
        *_guessing(networks, baseline),
        *_fronts(networks),
        *_seeds(networks),
    )


def _best(best: Standing, networks: Sequence[Standing], split: str) -> str:
    low, high = best.interval
    mean = f", the mean over {len(best.seeds)} seeds" if len(best.seeds) > 1 else ""
    equals = [one.name for one in networks if one.accuracy == best.accuracy]
    if len(networks) == 1:
        most = f"{best.name} alone ended"
    elif len(equals) > 1:
        most = f"{_listed(equals)} are right equally often"
    else:
        most = f"{best.name} is right most often"
    return (
        f"{most}: {best.accuracy:.1%} of {best.count:,} {_SPLITS[split]} images{mean} "
        f"(95% interval {low:.1%} to {high:.1%})."
    )


def _against(best: Standing, pairs: Sequence[Pair]) -> list[str]:
    """The best against every other network: what is decided, and what is not."""
    mine = [_turned(pair, best.name) for pair in pairs if best.name in (pair.one, pair.two)]
    sure = [pair for pair in mine if pair.decided]
    open_ = [pair for pair in mine if not pair.decided and pair.difference]
    said = []
    if sure:
        ahead = _listed([f"{pair.two} by {_points(pair.difference)}" for pair in sure])
        largest = max(pair.adjusted for pair in sure)
        said.append(
            f"On the same images it beats {ahead}; such differences would hardly come about by "
            f"chance (paired test, {_chance(largest)})."
        )
    said += [
        f"Between {best.name} and {pair.two} it is undecided: {_points(pair.difference)} "
        f"of difference may be chance (paired test, {_chance(pair.adjusted)})."
        for pair in open_
    ]
    return said


def _others(best: Standing, networks: Sequence[Standing], pairs: Sequence[Pair]) -> list[str]:
    """The first network of the line-up against the others but the best."""
    first = networks[0]
    rest = [pair for pair in pairs if first.name in (pair.one, pair.two)]
    rest = [pair for pair in rest if best.name not in (pair.one, pair.two)]
    by_name = {one.name: one for one in networks}
    said = []
    for pair in (_turned(pair, first.name) for pair in rest):
        other = by_name[pair.two]
        size = other.parameters / first.parameters
        many = "about as many" if abs(size - 1) < _SIMILAR else f"{size:.2g} times as many"
        where = "behind" if pair.difference > 0 else "ahead of"
        said.append(
            f"{other.name} is {_points(abs(pair.difference))} {where} {first.name}, with {many} "
            f"parameters ({'decided' if pair.decided else 'undecided'}, {_chance(pair.adjusted)})."
        )
    return said


def _guessing(networks: Sequence[Standing], baseline: float) -> list[str]:
    lost = [one.name for one in networks if one.interval[0] <= baseline]
    if not lost:
        return []
    return [
        f"{_listed(lost)} cannot be told from always giving the most frequent class, which would "
        f"be right in {baseline:.1%}."
    ]


def _fronts(networks: Sequence[Standing]) -> list[str]:
    if len(networks) < 2:
        return []
    said = []
    for cost, names in (
        ("multiply-adds", [one.name for one in networks if one.macs_front]),
        ("parameters", [one.name for one in networks if one.parameters_front]),
    ):
        are = "is" if len(names) == 1 else "are"
        said.append(
            f"{_listed(names)} {are} on the front of accuracy against {cost}: no other network "
            f"here was as accurate with as few."
        )
    return said


def _seeds(networks: Sequence[Standing]) -> list[str]:
    several = [one for one in networks if len(one.accuracies) > 1]
    if not several:
        return [
            "Each network was trained once: the tests are about these trained networks, and other "
            "seeds would give others."
        ]
    widest = max(several, key=lambda one: stdev(one.accuracies))
    if stdev(widest.accuracies) == 0:
        return ["No accuracy changed from seed to seed."]
    return [
        f"From seed to seed the accuracy varies most in {widest.name}: "
        f"{min(widest.accuracies):.1%} to {max(widest.accuracies):.1%}."
    ]


def _turned(pair: Pair, first: str) -> Pair:
    """The pair seen from one of its networks."""
    if pair.one == first:
        return pair
    return Pair(
        pair.two,
        pair.one,
        -pair.difference,
        pair.only_two,
        pair.only_one,
        pair.chance,
        pair.adjusted,
        pair.decided,
    )


def _points(difference: float) -> str:
    """A difference of two shares.

    >>> _points(0.0123)
    '1.2 points'
    """
    return f"{100 * difference:.1f} points"


def _chance(value: float) -> str:
    """A p-value.

    >>> _chance(0.2345), _chance(0.00004), _chance(0.0499)
    ('p = 0.23', 'p < 0.001', 'p = 0.0499')
    """
    if value < 0.001:
        return "p < 0.001"
    rounded = f"{value:.2g}"
    crossed = (float(rounded) < LEVEL) != (value < LEVEL)  # rounding must not change the verdict
    return f"p = {value:.4g}" if crossed else f"p = {rounded}"


def _listed(names: Sequence[str]) -> str:
    """Names as a list in words.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
