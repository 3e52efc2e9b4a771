"""Time ranges of requests (spec query 3.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from oap.query.errors import QueryError

MOST_POINTS = 501
# Buckets need four digits of a year, epoch milliseconds a zone, and the step after a range a calendar.
FIRST_YEAR, LAST_YEAR = 1970, 9998


class Step(StrEnum):
    """Length of a point."""

    DAY = "DAY"
    HOUR = "HOUR"
    MINUTE = "MINUTE"
    SECOND = "SECOND"


@dataclass(frozen=True, slots=True)
class _Form:
    shape: re.Pattern[str]
    parse: str
    bucket: str
    example: str
    length: timedelta


def _form(shape: str, parse: str, bucket: str, example: str, length_s: int) -> _Form:
    return _Form(re.compile(shape, re.ASCII), parse, bucket, example, timedelta(seconds=length_s))


_DAY = r"\d{4}-\d\d-\d\d"
_FORMS: Mapping[Step, _Form] = {
    Step.DAY: _form(_DAY, "%Y-%m-%d", "%Y%m%d", "yyyy-MM-dd", 86400),
    Step.HOUR: _form(rf"{_DAY} \d\d", "%Y-%m-%d %H", "%Y%m%d%H", "yyyy-MM-dd HH", 3600),
    Step.MINUTE: _form(rf"{_DAY} \d{{4}}", "%Y-%m-%d %H%M", "%Y%m%d%H%M", "yyyy-MM-dd HHmm", 60),
    Step.SECOND: _form(rf"{_DAY} \d{{6}}", "%Y-%m-%d %H%M%S", "%Y%m%d%H%M%S", "yyyy-MM-dd HHmmss", 1),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A range of points in the server's local calendar, both ends included. May be longer than a series can be."""

    step: Step
    start: datetime
    end: datetime

    @property
    def is_backwards(self) -> bool:
        """Whether the end lies before the start."""
        return self.end < self.start

    @property
    def has_rows(self) -> bool:
        """Whether rows of this precision exist; metrics have none by second."""
        return self.step is not Step.SECOND

    @property
    def step_seconds(self) -> int:
        """Length of a point."""
        return int(_FORMS[self.step].length.total_seconds())

    def points(self) -> tuple[datetime, ...]:
        """Local start of each point. Raises QueryError when the range is backwards or too long for a series."""
        if self.is_backwards:
            raise QueryError(f"the range ends before it starts: {self.start} to {self.end}")
        length = _FORMS[self.step].length
        count = (self.end - self.start) // length + 1
        if count > MOST_POINTS:
            raise QueryError(f"the range has {count} points, at most {MOST_POINTS} can be read at once")
        return tuple(self.start + i * length for i in range(count))

    def earlier(self, steps: int) -> "Duration":
        """The range so many steps before. Raises OverflowError before the first year that a bucket can name."""
        back = steps * _FORMS[self.step].length
        start = self.start - back
        if start.year < FIRST_YEAR:
            raise OverflowError(f"no bucket names a time before the year {FIRST_YEAR}")
        return Duration(self.step, start, self.end - back)

    def buckets(self) -> tuple[int, ...]:
        """Bucket of each point, at the step's precision. Raises as ``points``."""
        return _buckets(self)

    def bucket_array(self) -> npt.NDArray[np.int64]:
        """The buckets as an array."""
        return np.array(_buckets(self), dtype=np.int64)

    def ids(self, zone: tzinfo) -> tuple[str, ...]:
        """Real epoch milliseconds of each point as text. Raises as ``points``."""
        return _ids(self, zone)

    def minute_range(self) -> tuple[int, int]:
        """Minute buckets of the start and of one step after the end (spec query 1.3, listInstances)."""
        after = self.end + _FORMS[self.step].length
        form = _FORMS[Step.MINUTE].bucket
        return int(self.start.strftime(form)), int(after.strftime(form))


def parse_duration(duration: Mapping[str, Any]) -> Duration:
    """Read a ``Duration`` input. Raises QueryError when a text does not have the form of the step."""
    step = Step(duration["step"])
    return Duration(step, _parse(duration["start"], step), _parse(duration["end"], step))


@lru_cache(maxsize=1024)
def _parse(text: str, step: Step) -> datetime:
    form = _FORMS[step]
    if form.shape.fullmatch(text) is None:
        raise QueryError(f"'{text}' does not have the form {form.example} of step {step}")
    try:
        at = datetime.strptime(text, form.parse)  # noqa: DTZ007  (a local calendar time; the zone is the server's)
    except ValueError:
        raise QueryError(f"'{text}' is no valid time") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise QueryError(f"'{text}' lies outside of the years {FIRST_YEAR} to {LAST_YEAR}")
    return at


@lru_cache(maxsize=256)
def _buckets(duration: Duration) -> tuple[int, ...]:
    form = _FORMS[duration.step].bucket
    return tuple(int(at.strftime(form)) for at in duration.points())


@lru_cache(maxsize=256)
def _ids(duration: Duration, zone: tzinfo) -> tuple[str, ...]:
    return tuple(str(_epoch_ms(at, zone)) for at in duration.points())


def _epoch_ms(at: datetime, zone: tzinfo) -> int:
    return int(at.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000)
