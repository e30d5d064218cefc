"""What parts of a picture make the score of a class: maps that add up where they can.

One method a file; all give a :class:`ClassMap`.
"""

from pellucid.explain.maps.cam import class_activation
from pellucid.explain.maps.explain import Method, explain_class
from pellucid.explain.maps.fill import Fill
from pellucid.explain.maps.grad_cam import grad_cam
from pellucid.explain.maps.gradients import input_gradient, integrated_gradients
from pellucid.explain.maps.occlusion import occlusion
from pellucid.explain.maps.result import ClassMap

__all__ = [
    "ClassMap",
    "Fill",
    "Method",
    "class_activation",
    "explain_class",
    "grad_cam",
    "input_gradient",
    "integrated_gradients",
    "occlusion",
]
