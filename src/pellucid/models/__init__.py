"""Networks and the registry that rebuilds any of them by name and plain arguments."""

from pellucid.models.compact import Compact
from pellucid.models.registry import Architecture, channels_last, register, registered

__all__ = ["Architecture", "Compact", "channels_last", "register", "registered"]
