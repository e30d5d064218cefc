"""Pellucid: a folder of labelled images to a trained CNN, every number accounted for."""

from pellucid._version import __version__

__all__ = ["__version__"]
