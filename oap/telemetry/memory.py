"""How much memory this process uses, and how much it may."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path("/")
_KILOBYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Bytes resident, and bytes at which the system ends the process: the container's limit or the machine's memory."""

    resident: int
    limit: int

    @property
    def percent(self) -> int:
        """Whole percent in use, 0 where the limit is not known."""
        return self.resident * 100 // self.limit if self.limit > 0 else 0


def memory_use(root: Path = _ROOT) -> MemoryUse:
    """Read both from /proc and /sys below ``root``; what the system does not tell is 0."""
    limits = [*_control_group_limits(root), *_machine_memory(root)]
    return MemoryUse(_resident(root), min(limits, default=0))


def _resident(root: Path) -> int:
    # The second number of statm: pages in memory.
    fields = _text(root / "proc/self/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


def _machine_memory(root: Path) -> Iterator[int]:
    for line in _text(root / "proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemTotal":
            yield int(value.split()[0]) * _KILOBYTE


def _control_group_limits(root: Path) -> Iterator[int]:
    """Limits of the process's control group and of all above it, of both versions of control groups.

    A container often sees its own group as the root of the tree, so the root is asked in any case.
    """
    mounted = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            tree, name = mounted, "memory.max"
        elif "memory" in controllers.split(","):
            tree, name = mounted / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = tree / path.lstrip("/")
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(tree))):
            limit = _text(folder / name).strip()
            if limit.isdigit():  # "max" stands for none
                yield int(limit)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""
