"""Operations that are sums of products: how their MACs are counted, and shown in numbers."""

from collections.abc import Callable
from math import prod

from pellucid.capture.call import Call
from pellucid.capture.graph import Shape
from pellucid.geometry import convolution_cost, transposed_cost
from pellucid.ledger.work import Work

Rule = Callable[[Call], Work | None]


def _convolution(call: Call) -> Work:
    axes, weight = call.axes, call.shape("weight")
    *batch, channels = call.shape("input")[:-axes]
    groups, images = call.get("groups", 1), prod(batch)
    if call.transposed:
        filters, positions = weight[1] * groups, call.shape("input")[-axes:]
        cost = transposed_cost(call.transposed_window(), channels, filters, groups=groups)
        stack = (weight[1], *weight[2:])  # what one input value is multiplied with
        formula = f"{channels} × ({_dots(stack)}) × {_dots(positions)}"
    else:
        filters = weight[0]
        cost = convolution_cost(call.window(), channels, filters, groups=groups)
        formula = f"{filters} × ({_dots(weight[1:])}) × {_dots(call.node.shape[-axes:])}"
    return Work(
        macs=images * cost.macs,
        products=images * cost.products,
        additions=_biases(call),
        formula=_of_images(images, formula),
    )


def _linear(call: Call) -> Work:
    outputs, inputs = call.shape("weight")
    positions = prod(call.shape("input")[:-1])
    return _sums(positions * outputs, inputs, _biases(call), positions, f"{outputs} × {inputs}")


def _product(first: str, *, added: bool) -> Rule:
    """A product of matrices: every value of the result is a sum over the first's last axis."""

    def rule(call: Call) -> Work:
        left, count = call.shape(first), call.node.count
        formula = f"{_dots(call.node.shape) or 1} × {left[-1]}"
        return _sums(count, left[-1], count if added else 0, 1, formula)

    return rule


def _sums(count: int, length: int, additions: int, times: int, formula: str) -> Work:
    macs = count * length
    return Work(macs, macs, additions, formula=_of_images(times, formula))


def _einsum(call: Call) -> Work | None:
    equation, given = call.get("equation"), call.get("operands")
    operands = given if isinstance(given, tuple) else (given,)
    if not isinstance(equation, str) or "." in equation or len(operands) > 2:
        return None  # of three operands, the work depends on the order
    letters, _, result = equation.replace(" ", "").partition("->")
    if "->" not in equation:
        once = sorted(each for each in set(letters) - {","} if letters.count(each) == 1)
        result = "".join(once)
    sizes: dict[str, int] = {}
    for names, operand in zip(letters.split(","), operands, strict=True):
        sizes.update(zip(names, call.shape_of(operand), strict=True))
    work = prod(sizes.values())
    if len(operands) == 1 or not set(sizes) - set(result):
        return Work(operations=work)  # a sum, or products that are not summed
    summed = _dots(tuple(sizes[name] for name in sizes if name not in result))
    return Work(work, work, formula=f"{_dots(call.node.shape) or 1} × {summed}")


def _attention(call: Call) -> Work:
    query, value = call.shape("query"), call.shape("value")
    *batch, rows, width = query
    scores = prod(batch) * rows * value[-2]
    macs = scores * (width + value[-1])
    formula = f"{rows}·{value[-2]} × ({width} + {value[-1]})"
    return Work(macs, macs, operations=3 * scores, formula=_of_images(prod(batch), formula))


def _biases(call: Call) -> int:
    return 0 if call.get("bias") is None else call.node.count


def _of_images(count: int, formula: str) -> str:
    return formula if count == 1 else f"{count} × {formula}"


def _dots(numbers: Shape) -> str:
    return "·".join(map(str, numbers))


PRODUCTS: dict[str, Rule] = {
    **dict.fromkeys((f"conv{axes}d" for axes in (1, 2, 3)), _convolution),
    **dict.fromkeys((f"conv_transpose{axes}d" for axes in (1, 2, 3)), _convolution),
    "linear": _linear,
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"), _product("input", added=False)),
    "addmm": _product("mat1", added=True),
    "baddbmm": _product("batch1", added=True),
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
}
