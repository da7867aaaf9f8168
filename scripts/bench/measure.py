"""What a run costs the server: CPU seconds and memory of its processes, read from /proc."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(processes: Iterable[int]) -> float:
    """Return user and system time of the processes so far."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_mb(processes: Iterable[int]) -> float:
    """Return the processes' proportional memory: pages they share count once."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def descendants(root: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result; times in milliseconds, ratio to its reference (None for the references themselves)."""

    name: str
    units: int
    rate: float
    p50: float
    p95: float
    cpu_ms: float
    database_cpu_ms: float
    ratio: float | None = None
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached; None without one."""
        return None if self.goal is None or self.ratio is None else self.ratio >= self.goal
