from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from oap.promql.errors import PromqlError
from oap.promql.grid import Grid, Reach, choose_step, row_times
from oap.promql.times import instant_grid, range_grid, read_step, read_time
from oap.query.duration import Step

NOON = 1767268800.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@pytest.mark.parametrize(
    ("length_s", "step_s", "windows", "step"),
    [
        (HOUR, 15.0, [], Step.MINUTE),
        (8 * HOUR, MINUTE, [None], Step.MINUTE),
        (9 * HOUR, MINUTE, [None], Step.HOUR),
        (HOUR, HOUR, [None], Step.HOUR),
        (20 * DAY, HOUR, [None], Step.HOUR),
        (21 * DAY, HOUR, [None], Step.DAY),
        (2 * DAY, DAY, [None], Step.DAY),
        (6 * HOUR, HOUR, [5 * MINUTE], Step.MINUTE),
        (DAY, HOUR, [HOUR], Step.HOUR),
        (DAY, HOUR, [HOUR, None], Step.HOUR),
    ],
)
def test_rows_are_chosen_by_steps_windows_and_length(
    length_s: float, step_s: float, windows: list[float | None], step: Step
) -> None:
    grid = range_grid(NOON, NOON + length_s, step_s)
    assert choose_step(grid, [Reach(window_s=window_s) for window_s in windows]) is step


@pytest.mark.parametrize(
    ("window_s", "step"), [(None, Step.MINUTE), (8 * HOUR, Step.MINUTE), (9 * HOUR, Step.HOUR), (30 * DAY, Step.DAY)]
)
def test_one_moment_reads_the_finest_rows_that_its_window_allows(window_s: float | None, step: Step) -> None:
    assert choose_step(instant_grid(NOON), [Reach(window_s=window_s)]) is step


@pytest.mark.parametrize(
    ("length_s", "window_s", "message"),
    [
        (DAY, 5 * MINUTE, "the range needs 1447 minute rows, at most 501 are read at once; make the window longer"),
        (600 * DAY, None, "the range needs 602 day rows, at most 501 are read at once; make the range shorter"),
    ],
)
def test_range_of_too_many_rows_is_refused(length_s: float, window_s: float | None, message: str) -> None:
    with pytest.raises(PromqlError, match=message):
        choose_step(range_grid(NOON, NOON + length_s, DAY), [Reach(window_s=window_s)])


def test_rows_begin_in_the_calendar_of_the_server() -> None:
    times = row_times(instant_grid(NOON), Reach(window_s=DAY), Step.DAY, ZoneInfo("Asia/Kolkata"))
    assert times.duration.buckets() == (20251231, 20260101)
    assert times.starts_s.tolist() == [1767119400, 1767205800]


def test_offset_moves_the_rows_that_are_read() -> None:
    times = row_times(
        Grid(np.array([NOON, NOON + 60.0]), is_instant=False, step_s=60.0), Reach(3600.0), Step.MINUTE, UTC
    )
    assert times.duration.buckets() == (202601011100, 202601011101)


def test_rows_ascend_where_clocks_are_put_forward() -> None:
    before = 1774744200.0  # 01:30 in Berlin, half an hour before 02:00 becomes 03:00
    times = row_times(range_grid(before, before + HOUR, MINUTE), Reach(), Step.MINUTE, ZoneInfo("Europe/Berlin"))
    assert np.all(np.diff(times.starts_s) >= 0)
    newest = np.searchsorted(times.starts_s, before + HOUR, side="right") - 1
    assert times.duration.buckets()[times.order[newest]] == 202603290330


def test_clocks_put_back_leave_a_range() -> None:
    at = 1792888200.0  # 02:30 in Berlin for the first time, half an hour before 03:00 becomes 02:00
    times = row_times(range_grid(at, at + 2100.0, MINUTE), Reach(), Step.MINUTE, ZoneInfo("Europe/Berlin"))
    assert times.duration.buckets() == (202610250230,)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1767268800", NOON), ("1767268800.5", NOON + 0.5), ("2026-01-01T13:00:00+01:00", NOON)]
)
def test_times_are_numbers_or_rfc_3339(text: str, seconds: float) -> None:
    assert read_time("time", text) == seconds


@pytest.mark.parametrize("text", ["noon", "NaN", "inf", "-1", "2026-01-01T13:00:00", "1e300"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(PromqlError, match=f"invalid parameter 'time': cannot parse '{text}'"):
        read_time("time", text)


def test_steps_are_numbers_or_durations() -> None:
    assert (read_step("15"), read_step("0.5"), read_step("1h30m")) == (15.0, 0.5, 5400.0)


@pytest.mark.parametrize("text", ["0", "-1", "NaN", "soon", "inf"])
def test_other_steps_are_refused(text: str) -> None:
    with pytest.raises(PromqlError, match="invalid parameter 'step'"):
        read_step(text)


def test_steps_are_bounded_as_in_prometheus() -> None:
    assert len(range_grid(0.0, 10_999.0, 1.0).times) == 11_000
    with pytest.raises(PromqlError, match="11000 points per timeseries, the query asks for 11001"):
        range_grid(0.0, 11_000.0, 1.0)
    with pytest.raises(PromqlError, match="end timestamp must not be before start"):
        range_grid(1.0, 0.0, 1.0)
