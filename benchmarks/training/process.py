"""Run a whole process within a limit: what it reports, and what it and its children use.

Linux only: sizes and times come from ``/proc``.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

#: Seconds between two looks at the processes.
_EVERY = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
#: Where /proc/PID/stat has session, utime, stime, cutime, cstime after the name.
_SESSION, _TIMES = 3, slice(11, 15)


@dataclass
class Use:
    """What a process and all below it have used.

    Attributes:
        core_seconds: user and system time.
        peak: MiB of memory at once; a page that several share counts once.
    """

    core_seconds: float = 0.0
    peak: float = 0.0

    def look(self, session: int) -> None:
        """Take in the processes of a session as they are now."""
        ticks, kib = 0, 0
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError, IndexError):
                fields = _fields(folder) if folder.name.isdigit() else []
                if fields and int(fields[_SESSION]) == session:
                    # Those of children that have ended are in their parent's.
                    ticks += sum(map(int, fields[_TIMES]))
                    kib += _proportional(folder)
        self.core_seconds = max(self.core_seconds, ticks / _TICKS)
        self.peak = max(self.peak, kib / 1024)


@dataclass
class Finished:
    """A process that has ended.

    Attributes:
        ended: ``finished``, ``limit`` (stopped there) or ``failed with STATUS``.
        seconds: from its start to its end.
        use: of it and all below it.
        others: cores that everything else on the machine kept busy meanwhile, on average.
        rows: the JSON objects that it printed, a line each, with ``seconds`` and
            ``core_seconds`` at the moment when each was read.
    """

    ended: str
    seconds: float
    use: Use
    others: float
    rows: list[dict[str, Any]] = field(default_factory=list)


def run(
    command: Sequence[str],
    *,
    limit: float,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
) -> Finished:
    """Run a command in a session of its own, and end that session at the limit.

    Args:
        command: program and arguments.
        limit: seconds.
        folder: to run in.
        environment: all of it.
        log: file for all that is printed besides JSON objects.
    """
    begin, before, use, rows = time.monotonic(), _busy(), Use(), []
    with log.open("wb") as lines:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=lines,
            start_new_session=True,
        )
        assert process.stdout is not None

        def read(stream: IO[bytes]) -> None:
            with stream:
                for line in stream:
                    row = _object(line)
                    if row is None:
                        lines.write(line)
                        continue
                    use.look(process.pid)
                    spent = {"seconds": time.monotonic() - begin, "core_seconds": use.core_seconds}
                    rows.append(row | spent)

        reader = threading.Thread(target=read, args=(process.stdout,))
        reader.start()
        try:
            status = _watch(process.pid, begin + limit, use)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            seconds, busy = time.monotonic() - begin, _busy() - before
            process.wait()
            reader.join()
    ended = "limit" if status is None else f"failed with {status}" if status else "finished"
    others = max(0.0, busy - use.core_seconds) / seconds
    return Finished(ended, seconds, use, others, rows)


def _watch(pid: int, end: float, use: Use) -> int | None:
    """Wait for a process; its status, or None where the end came first.

    It is left unreaped until its times are read, and its number cannot be taken by another.
    """
    while time.monotonic() < end:
        use.look(pid)
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is not None:
            use.look(pid)
            return found.si_status
        time.sleep(_EVERY)
    use.look(pid)
    return None


def _busy() -> float:
    """Core-seconds that all processes, and other machines on the same host, have taken so far."""
    with Path("/proc/stat").open() as lines:
        counts = list(map(int, next(lines).split()[1:9]))
    idle = slice(3, 5)  # idle, and waiting for a disk
    return (sum(counts) - sum(counts[idle])) / _TICKS


def _fields(folder: Path) -> list[str]:
    """The fields of a process's state that follow its name."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _proportional(folder: Path) -> int:
    """KiB of a process, of shared pages its part."""
    for line in (folder / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _object(line: bytes) -> dict[str, Any] | None:
    """The JSON object that a line is, if it is one."""
    if not line.startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
