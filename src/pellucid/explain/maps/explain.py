"""One way in to all class maps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

from pellucid.errors import UsageError, unknown_name
from pellucid.explain.maps.cam import class_activation
from pellucid.explain.maps.grad_cam import grad_cam
from pellucid.explain.maps.gradients import input_gradient, integrated_gradients
from pellucid.explain.maps.head import NoAverageHeadError
from pellucid.explain.maps.occlusion import occlusion
from pellucid.explain.maps.question import Which
from pellucid.explain.maps.result import ClassMap
from pellucid.explain.trace import Trace

#: See :func:`explain_class`.
Method = Literal["auto", "cam", "grad-cam", "occlusion", "gradient", "integrated"]

_METHODS: dict[str, Callable[[Trace, Which | None, Which | None], ClassMap]] = {
    "cam": class_activation,
    "grad-cam": grad_cam,
    "occlusion": occlusion,
    "gradient": input_gradient,
    "integrated": integrated_gradients,
}


def explain_class(
    trace: Trace,
    target: Which | None = None,
    against: Which | None = None,
    method: Method = "auto",
    *,
    layer: int | str | None = None,
) -> ClassMap:
    """Show what parts of a picture make the score of a class, or of one class over another.

    ==============  ============================================================  ===============
    method          what                                                          adds up
    ==============  ============================================================  ===============
    ``cam``         :func:`~pellucid.explain.maps.cam.class_activation`           to the score
    ``grad-cam``    :func:`~pellucid.explain.maps.grad_cam.grad_cam`              no
    ``occlusion``   :func:`~pellucid.explain.maps.occlusion.occlusion`            no
    ``gradient``    :func:`~pellucid.explain.maps.gradients.input_gradient`       no
    ``integrated``  :func:`~pellucid.explain.maps.gradients.integrated_gradients` to the score's
                                                                                  rise
    ==============  ============================================================  ===============

    ``auto`` is ``cam`` where the head averages maps, and ``grad-cam`` for all others; the result
    says which, and why. The network, its modes, gradients and hooks are left as they were,
    whatever happens.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with ("why 4 and not 9").
        method: one of these.
        layer: whose maps Grad-CAM takes, by name or index; with ``auto`` it asks for Grad-CAM.

    Raises:
        UsageError: no such class, method or layer, several pictures, or a network that the method
            cannot explain.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> from pellucid.models import Architecture
    >>> network = Architecture("compact", dict(classes=3, channels=1, widths=[4, 8])).build()
    >>> found = explain_class(trace_network(network, torch.ones(1, 1, 28, 28)), 1)
    >>> found.method, found.values.shape, found.layers
    ('cam', (7, 7), ('head.maps', 'head.mean'))
    """
    if method not in get_args(Method):
        raise unknown_name("method", str(method), get_args(Method))
    if layer is not None:
        if method not in ("auto", "grad-cam"):
            raise UsageError(f"expected no layer with the method {method}: grad-cam takes one.")
        return grad_cam(trace, target, against, layer=layer)
    if method != "auto":
        return _METHODS[method](trace, target, against)
    try:
        return class_activation(trace, target, against)
    except NoAverageHeadError as reason:
        found = grad_cam(trace, target, against)
        return replace(found, words=f"{found.words} (Not exact, since {reason})")
