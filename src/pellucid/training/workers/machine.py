"""What a training ran on, for its record."""

import os
import platform

import cv2
import numpy as np
import torch

from pellucid._version import __version__
from pellucid.launch import place
from pellucid.threads import processor
from pellucid.training.workers.device import device_words


def machine_record() -> dict[str, object]:
    """Processor, cores, workers, memory in GiB, operating system and load (1-minute average)."""
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "workers": place().size,
        "device": device_words(),
        "memory_gib": round(_memory_bytes() / 2**30, 1),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def version_record() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    return {
        "pellucid": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "python": platform.python_version(),
    }


def _memory_bytes() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 0
