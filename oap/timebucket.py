"""Time buckets: calendar integers in the server's time zone (spec entities 7, storage 1.2).

Inside the server a minute is an index: minutes since 1970-01-01 00:00 of the *local* calendar. Hours and days are
whole multiples of it (60, 1440), two clock minutes that share a bucket at the end of summer time share an index as
well, and the bucket integers that are stored and queried are pure functions of it.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

import numpy as np
import numpy.typing as npt

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (a calendar origin, deliberately without zone)


class Precision(Enum):
    """Length of a bucket: its name and how many minutes it holds."""

    MINUTE = 1
    HOUR = 60
    DAY = 1440

    @property
    def minutes(self) -> int:
        """How many minutes a bucket of this precision holds."""
        return self.value


def offset_seconds(epoch_s: int, zone: tzinfo) -> int:
    """Seconds by which the local calendar is ahead of UTC at an instant."""
    offset = datetime.fromtimestamp(epoch_s, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def minute_index(epoch_s: int, zone: tzinfo) -> int:
    """Local minute index of an instant."""
    return (epoch_s + offset_seconds(epoch_s, zone)) // 60


def bucket_of(minute: int, precision: Precision) -> int:
    """``yyyyMMddHHmm``, ``yyyyMMddHH`` or ``yyyyMMdd`` of the bucket that holds a local minute index."""
    at = _EPOCH + timedelta(minutes=minute)
    day = at.year * 10000 + at.month * 100 + at.day
    if precision is Precision.DAY:
        return day
    hour = day * 100 + at.hour
    return hour if precision is Precision.HOUR else hour * 100 + at.minute


def precision_of(bucket: int) -> Precision:
    """Precision of a bucket, told by its digits."""
    return {8: Precision.DAY, 10: Precision.HOUR, 12: Precision.MINUTE}[len(str(bucket))]


def minute_of(bucket: int) -> int:
    """First local minute index of a bucket of any precision."""
    text = f"{bucket:<012d}"
    at = datetime(int(text[:4]), int(text[4:6] or 1), int(text[6:8]), int(text[8:10]), int(text[10:12]))  # noqa: DTZ001
    return int((at - _EPOCH).total_seconds()) // 60


def buckets_between(first: int, last: int) -> list[int]:
    """All buckets from ``first`` to ``last``, both of the same precision and included, ascending."""
    precision = precision_of(first)
    minutes = range(minute_of(first), minute_of(last) + 1, precision.minutes)
    return [bucket_of(minute, precision) for minute in minutes]


def epoch_ms(bucket: int, zone: tzinfo) -> int:
    """Real epoch milliseconds at which a bucket starts (the earlier one where the local hour occurs twice)."""
    local = _EPOCH + timedelta(minutes=minute_of(bucket))
    return int(local.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000)


def bucket_array(minutes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Minute buckets of an int64 array of local minute indices."""
    unique, inverse = np.unique(minutes, return_inverse=True)
    return np.array([bucket_of(int(m), Precision.MINUTE) for m in unique], dtype=np.int64)[inverse]
