"""How much memory this process may still take."""

import os
from pathlib import Path

#: What a control group's limit file holds, and what it has used, by version of the interface.
_GROUP_FILES = {
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    2: ("memory.max", "memory.current", "inactive_file"),
}


def available_memory(root: Path = Path("/")) -> int:
    """Bytes that can be taken without swapping: what the system says is available, or less
    where a control group (a container, a batch job) sets a lower limit.

    Without Linux's ``/proc/meminfo``, half of the machine's memory.

    Args:
        root: where ``proc`` and ``sys`` lie.

    Example:
        >>> available_memory() > 0
        True
    """
    return min([_system(root), *_groups(root)])


def _system(root: Path) -> int:
    """MemAvailable: free memory and what the kernel can take back from its caches."""
    meminfo = root / "proc/meminfo"
    if not meminfo.exists():
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    return int(fields["MemAvailable"].split()[0]) * 1024


def _groups(root: Path) -> list[int]:
    """What is left in each control group that this process is in, the inner ones and the outer.

    See https://docs.kernel.org/admin-guide/cgroup-v2.html and ``man 7 cgroups``.
    """
    membership = root / "proc/self/cgroup"
    if not membership.exists():
        return []
    left = []
    for line in membership.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            version, mount = 2, root / "sys/fs/cgroup"
        elif "memory" in controllers.split(","):
            version, mount = 1, root / "sys/fs/cgroup/memory"
        else:
            continue
        inner = mount / path.lstrip("/")
        # In a container the path may be the host's and not exist here; the mount itself does.
        for folder in (inner, *inner.parents):
            left.append(_left(folder, version))
            if folder == mount:
                break
    return [bytes_left for bytes_left in left if bytes_left is not None]


def _left(folder: Path, version: int) -> int | None:
    """Limit less use of one group; file pages that nobody uses now do not count as used."""
    limit_file, usage_file, reclaimable = _GROUP_FILES[version]
    try:
        limit = (folder / limit_file).read_text().strip()
        used = int((folder / usage_file).read_text())
        statistics = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        return None
    if limit == "max":
        return None
    idle = sum(int(line.split()[1]) for line in statistics if line.split()[0] == reclaimable)
    return max(0, int(limit) - used + idle)
