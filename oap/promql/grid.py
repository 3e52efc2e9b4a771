"""The moments that a query is evaluated at, and which stored rows they are answered from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from oap.promql.errors import PromqlError
from oap.promql.value import Floats
from oap.query.duration import FIRST_YEAR, LAST_YEAR, MOST_POINTS, Duration, Step

LOOKBACK_S: Final = 300.0
_LENGTHS_S: Final = {Step.MINUTE: 60, Step.HOUR: 3600, Step.DAY: 86400}


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Steps of a range query in epoch seconds; an instant query has one."""

    times: Floats
    is_instant: bool = True
    step_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from each step a selector looks: back by ``offset_s``, and from there over ``window_s`` (None: one value)."""

    offset_s: float = 0.0
    window_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RowTimes:
    """Rows of one precision over a range: ``starts_s`` ascending, ``order`` the index of each among the buckets."""

    duration: Duration
    starts_s: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    length_s: int


def choose_step(grid: Grid, reaches: Sequence[Reach]) -> Step:
    """Precision of the rows to read: as fine as the steps and windows, and no more rows than one read may have.

    Raises PromqlError where a window needs finer rows than the length of the range allows.
    """
    windows = [reach.window_s for reach in reaches if reach.window_s is not None]
    finest = min([*windows, *([] if grid.is_instant else [grid.step_s])], default=0.0)
    fitting = [step for step, length_s in _LENGTHS_S.items() if length_s <= max(finest, 60.0)]
    wanted = Step.MINUTE if grid.is_instant else fitting[-1]
    allowed = [step for step in _LENGTHS_S if not windows or _LENGTHS_S[step] <= max(min(windows), 60.0)]
    span_s = max((grid.times[-1] - grid.times[0] + _back_s(grid, reach) for reach in reaches), default=0.0)
    for step, length_s in _LENGTHS_S.items():
        if step in allowed and length_s >= _LENGTHS_S[wanted] and span_s / length_s + 2 <= MOST_POINTS:
            return step
    rows = int(span_s / _LENGTHS_S[allowed[-1]]) + 2
    raise PromqlError(
        f"the range needs {rows} {allowed[-1].lower()} rows, at most {MOST_POINTS} are read at once; "
        + ("make the window longer or the range shorter" if windows else "make the range shorter")
    )


def row_times(grid: Grid, reach: Reach, step: Step, zone: tzinfo) -> RowTimes:
    """The rows that a selector reads."""
    first = _local(grid.times[0] - reach.offset_s - _back_s(grid, reach), step, zone)
    last = _local(grid.times[-1] - reach.offset_s, step, zone)
    # Where clocks are put back, a later moment can have an earlier local time.
    duration = Duration(step, first, max(first, last))
    starts_s = np.array(duration.ids(zone), dtype=np.int64) // 1000
    order = np.argsort(starts_s, kind="stable")
    return RowTimes(duration, starts_s[order], order, _LENGTHS_S[step])


def window_of(grid: Grid, reach: Reach, rows: RowTimes) -> float:
    """Seconds up to a step in which a row must begin to count for it."""
    if reach.window_s is not None:
        return max(reach.window_s, float(rows.length_s))
    # A row holds for its own time. Alone the newest one of all is asked for, rows arrive some time after their end.
    return max(LOOKBACK_S, float(rows.length_s)) if grid.is_instant else float(rows.length_s)


def _back_s(grid: Grid, reach: Reach) -> float:
    if reach.window_s is not None:
        return reach.window_s
    return LOOKBACK_S if grid.is_instant else 0.0


def _local(at_s: float, step: Step, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromtimestamp(at_s, zone).replace(tzinfo=None, second=0, microsecond=0)
    except (OverflowError, OSError, ValueError):
        at = datetime.min  # noqa: DTZ901  (stands for all that no calendar names)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise PromqlError(f"the query reaches out of the years {FIRST_YEAR} to {LAST_YEAR}")
    if step is Step.MINUTE:
        return at
    return at.replace(minute=0) if step is Step.HOUR else at.replace(hour=0, minute=0)
