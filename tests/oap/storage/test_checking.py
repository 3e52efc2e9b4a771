from pathlib import Path

import pytest

from oap.storage.checking import Verdict, clock_finding, disk_finding, gib, not_reached, shortened


@pytest.mark.parametrize(
    ("store_s", "verdict", "text"),
    [
        (1000.0, Verdict.OK, "agrees with this machine's"),
        (1004.9, Verdict.OK, "agrees with this machine's"),
        (995.1, Verdict.OK, "agrees with this machine's"),
        (1017.0, Verdict.PROBLEM, "the store is 15 s ahead of this machine"),
        (990.0, Verdict.PROBLEM, "the store is 10 s behind this machine"),
    ],
)
def test_a_clock_is_compared_with_the_time_of_the_question(store_s: float, verdict: Verdict, text: str) -> None:
    found = clock_finding(store_s, 1000.0, 1002.0)
    assert (found.verdict, found.text) == (verdict, text)


def test_a_disk_with_too_little_room_is_told(tmp_path: Path) -> None:
    assert disk_finding(tmp_path, "here").verdict is Verdict.OK
    # A file system that has no room at all.
    found = disk_finding(Path("/proc"), "there")
    assert (found.verdict, found.text) == (Verdict.PROBLEM, "0.0 GiB of 0.0 GiB free there")


def test_what_is_not_reached_is_unknown() -> None:
    assert [(one.subject, one.verdict) for one in not_reached(["version", "schema"])] == [
        ("version", Verdict.UNKNOWN),
        ("schema", Verdict.UNKNOWN),
    ]


def test_sizes_and_lists_are_short() -> None:
    assert gib(3 << 29) == "1.5 GiB"
    assert shortened(["a", "b", "c"], 2) == "a, b and 1 more"
    assert shortened(["a", "b"], 2) == "a, b"
