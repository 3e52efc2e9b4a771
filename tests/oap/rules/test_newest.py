from pathlib import Path

from oap.emulator.playback import blocks, from_streams
from oap.emulator.recording import Recording
from oap.rules.newest import newest_second
from tests.oap.rules.small import cases_of

LOGS = """  - name: a
    logs: [{time: 12:34:05, read: , http: }, {time: 12:34:59.9, read: }, {time: 12:00:00, read: }]
    expect: [{metric: devices, value: no row}]
"""


def recorded(folder: Path) -> Recording:
    return cases_of(folder, LOGS).cases[0].logs


def test_the_newest_log_tells_the_time(tmp_path: Path) -> None:
    assert newest_second(blocks(recorded(tmp_path), 1)) == 1714566899


def test_logs_of_a_wrong_clock_do_not(tmp_path: Path) -> None:
    assert newest_second(blocks(recorded(tmp_path), 10), latest_s=1714566898) == 1714566845


def test_nothing_tells_no_time() -> None:
    assert newest_second(blocks(from_streams([("n", [b""])]), 10)) == 0
