"""Lets torchvision's Python parts import beside a CPU build of torch.

Copied into a peer's environment. The package index has torchvision only as built for CUDA; there
its compiled operators (boxes, RoI) cannot be loaded on a CPU, and importing it fails where it adds
to them. None is used to classify images, so it is enough that they are declared.
"""

import sys
from importlib.machinery import ModuleSpec

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_library: list[object] = []


class _Declaring:
    """Is asked for every module first; finds none, but declares before torchvision is found."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == "torchvision" and not _library:
            from torch.library import Library

            _library.append(Library("torchvision", "DEF"))
            for schema in _SCHEMAS:
                _library[0].define(schema)
        return None


sys.meta_path.insert(0, _Declaring)
