"""Times and steps as clients of Prometheus write them."""

import math
from datetime import datetime
from typing import Final

import numpy as np
from promql_parser import parse_duration

from oap.promql.errors import PromqlError
from oap.promql.grid import Grid

_MOST_STEPS: Final = 11_000
# Far beyond any row, and still a year that calendars know.
_LATEST_S: Final = 253_000_000_000.0


def read_time(name: str, text: str) -> float:
    """Epoch seconds of a number or an RFC 3339 text. Raises PromqlError."""
    try:
        at_s = float(text)
    except ValueError:
        at_s = _rfc3339(text)
    if not 0 <= at_s <= _LATEST_S:
        raise PromqlError(f"invalid parameter '{name}': cannot parse '{text}' to a valid timestamp")
    return at_s


def read_step(text: str) -> float:
    """Seconds of a number or a duration as ``5m``. Raises PromqlError."""
    try:
        step_s = float(text)
    except ValueError:
        try:
            step_s = parse_duration(text).total_seconds()
        except ValueError:
            raise PromqlError(f"invalid parameter 'step': cannot parse '{text}' to a valid duration") from None
    if not (math.isfinite(step_s) and step_s > 0):
        raise PromqlError("invalid parameter 'step': zero or negative query resolution step widths are not accepted")
    return step_s


def range_grid(start_s: float, end_s: float, step_s: float) -> Grid:
    """Steps from the start to the end, both included. Raises PromqlError."""
    if end_s < start_s:
        raise PromqlError("invalid parameter 'end': end timestamp must not be before start time")
    count = int((end_s - start_s) / step_s) + 1
    if count > _MOST_STEPS:
        raise PromqlError(
            f"exceeded maximum resolution of {_MOST_STEPS} points per timeseries, the query asks for {count}; "
            "make the step longer"
        )
    return Grid(start_s + step_s * np.arange(count, dtype=np.float64), is_instant=False, step_s=step_s)


def instant_grid(at_s: float) -> Grid:
    """One moment."""
    return Grid(np.array([at_s]))


def _rfc3339(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return at.timestamp() if at.tzinfo is not None else math.nan
