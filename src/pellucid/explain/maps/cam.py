"""The exact class activation map of a head that averages maps."""

import numpy as np

from pellucid.explain.maps.head import average_head
from pellucid.explain.maps.question import Question, Which, question
from pellucid.explain.maps.result import ClassMap, Sums, class_map
from pellucid.explain.maps.words import added, digits
from pellucid.explain.trace import Trace


def class_activation(
    trace: Trace, target: Which | None = None, against: Which | None = None
) -> ClassMap:
    """What each position adds to a class score, exactly (Zhou 2016, section 2).

    Where the maps f_c(y, x) are averaged and a linear layer makes the scores,

        score_k = Σ_c w_kc · mean f_c + b_k = mean over y, x of M_k(y, x) + b_k,
        M_k(y, x) = Σ_c w_kc · f_c(y, x).

    Where the averages are the scores (Lin 2013, section 3.2), M_k is the class's own map and b_k
    is part of it: nothing is added. Of two classes the maps are subtracted: M_k − M_j, b_k − b_j.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with.

    Returns:
        The map M (H', W'), computed in float64 from the network's own maps and weights;
        ``explained`` is its mean plus the bias, to compare with the network's ``score``.

    Raises:
        UsageError: no such class, or the network's head is none of these
            (:class:`~pellucid.explain.maps.head.NoAverageHeadError`).

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> from pellucid.layers import GlobalAverage
    >>> network = GlobalAverage(2, 3)
    >>> network.maps.weight.data[0], network.maps.bias.data[0] = torch.ones(2, 1, 1), 0.5
    >>> found = class_activation(trace_network(network, torch.ones(1, 2, 2, 2)))
    >>> found.values.tolist(), found.explained, found.score
    ([[2.5, 2.5], [2.5, 2.5]], 2.5, 2.5)
    """
    asked = question(trace, target, against)
    head = average_head(trace, asked.scores)
    maps = trace.value(trace.nodes[head.maps])[0].astype(np.float64)
    if head.weights is None:
        values = asked.row(maps)
    else:
        values = np.tensordot(asked.row(head.weights), maps, axes=1)
    mean, bias = float(values.mean()), float(asked.row(head.bias))
    sums: Sums = (("mean of the map", mean),)
    if head.linear:
        sums = (*sums, ("bias", bias))
    taken = (head.maps, head.average, *reversed(head.linear))
    return class_map(
        asked,
        "cam",
        values,
        _words(asked, values.shape, sums),
        explained=mean + bias,
        sums=sums,
        layers=taken,
    )


def _words(asked: Question, shape: tuple[int, ...], sums: Sums) -> str:
    size = "×".join(map(str, shape))
    mean, total = sums[0][1], sum(part for _, part in sums)
    made = f"the mean of this {size} map"
    if len(sums) > 1:
        made = f"{made} plus the bias, {added(mean, sums[1][1])} = {digits(total)}"
    else:
        made = f"{made}, {digits(total)}"
    return (
        f"Class activation map, exact: the score of {asked.title} is {made}. The network has "
        f"{digits(asked.score)}: a difference of {digits(total - asked.score, 2)}."
    )
