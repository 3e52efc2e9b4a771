import os
from pathlib import Path

from oap.telemetry.memory import MemoryUse, memory_use

PAGE = os.sysconf("SC_PAGE_SIZE")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="ascii")


MACHINE = {"proc/self/statm": "9000 1000 30 1 0 500 0\n", "proc/meminfo": "MemTotal:  1000000 kB\nMemFree: 5 kB\n"}


def test_without_control_groups_the_machine_is_the_limit(tmp_path: Path) -> None:
    write(tmp_path, MACHINE)
    assert memory_use(tmp_path) == MemoryUse(1000 * PAGE, 1_024_000_000)


def test_the_smallest_limit_on_the_way_to_the_root_counts(tmp_path: Path) -> None:
    groups = {
        "proc/self/cgroup": "0::/pods/server\n",
        "sys/fs/cgroup/pods/server/memory.max": "max\n",
        "sys/fs/cgroup/pods/memory.max": "500000000\n",
        "sys/fs/cgroup/memory.max": "900000000\n",
    }
    write(tmp_path, MACHINE | groups)
    assert memory_use(tmp_path).limit == 500_000_000


def test_a_container_is_asked_at_its_own_root(tmp_path: Path) -> None:
    groups = {"proc/self/cgroup": "0::/docker/0123\n", "sys/fs/cgroup/memory.max": "300000000\n"}
    write(tmp_path, MACHINE | groups)
    assert memory_use(tmp_path).limit == 300_000_000


def test_control_groups_of_the_first_version_are_read_too(tmp_path: Path) -> None:
    groups = {
        "proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a\n0::/\n",
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "200000000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    write(tmp_path, MACHINE | groups)
    assert memory_use(tmp_path).limit == 200_000_000


def test_a_system_that_tells_nothing_has_no_percentage(tmp_path: Path) -> None:
    assert memory_use(tmp_path) == MemoryUse(0, 0)
    assert memory_use(tmp_path).percent == 0


def test_percent_is_cut_to_a_whole_number() -> None:
    assert MemoryUse(999, 1000).percent == 99


def test_this_process_uses_some_of_its_limit() -> None:
    use = memory_use()
    assert 0 < use.resident < use.limit
