"""The six aggregation functions that the catalogue uses, one class each (spec oal 3, storage 1.7)."""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from tests.oracle.arithmetic import divide, float32, signed64
from tests.oracle.logs import Row
from tests.oracle.model import Columns

DEFAULT_THRESHOLD_MS = 500
RANKS = (50, 75, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Condition:
    """``path operator literal``; a path through a null object does not match (spec oal 2.2, 2.3)."""

    path: str
    operator: str
    literal: int | bool | str

    def holds(self, row: Row) -> bool:
        value = row.get(self.path)
        if value is None:
            return False
        if self.operator == "==":
            return value == self.literal
        if isinstance(value, str) or isinstance(self.literal, str):
            raise TypeError(f"{self} compares {value!r}")
        return {">=": value >= self.literal, "<": value < self.literal}[self.operator]


@dataclass(frozen=True, slots=True)
class Call:
    """What a function reads of a row: the value path, a condition (percent), the name path (apdex), a precision."""

    value: str
    condition: Condition | None = None
    name: str = ""
    status: str = ""
    precision: int = 1
    thresholds_ms: Mapping[str, int] | None = None

    def number(self, row: Row) -> int:
        """The value of a row. KeyError if it lies behind a null object."""
        return int(row[self.value])

    def threshold_ms(self, row: Row) -> int:
        """Apdex threshold of the row's service: exact name, then ``default``, then 500 (spec oal 5)."""
        thresholds = self.thresholds_ms or {}
        for name in (str(row[self.name]), "default"):
            if thresholds.get(name, -1) >= 0:
                return thresholds[name]
        return DEFAULT_THRESHOLD_MS


class Record(ABC):
    """Running state of one metric of one entity in one bucket."""

    @abstractmethod
    def take(self, row: Row, call: Call) -> None:
        """Fold one row in."""

    @abstractmethod
    def merge(self, other: Self) -> None:
        """Fold in the rows of another state."""

    @abstractmethod
    def columns(self, minutes: int, call: Call) -> Columns:
        """Stored columns for a bucket of so many minutes."""


class LongAvg(Record):
    """Mean, truncated toward zero."""

    def __init__(self) -> None:
        self.summation = 0
        self.count = 0

    def take(self, row: Row, call: Call) -> None:
        self.summation += call.number(row)
        self.count += 1

    def merge(self, other: Self) -> None:
        self.summation += other.summation
        self.count += other.count

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        summation = signed64(self.summation)
        return {"summation": summation, "count": self.count, "value": divide(summation, self.count)}


class Sum(Record):
    """Total."""

    def __init__(self) -> None:
        self.value = 0

    def take(self, row: Row, call: Call) -> None:
        self.value += call.number(row)

    def merge(self, other: Self) -> None:
        self.value += other.value

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        return {"value": signed64(self.value)}


class Cpm(Record):
    """Rows per minute of the bucket."""

    def __init__(self) -> None:
        self.total = 0

    def take(self, row: Row, call: Call) -> None:  # noqa: ARG002
        self.total += 1

    def merge(self, other: Self) -> None:
        self.total += other.total

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        return {"value": divide(self.total, minutes), "total": self.total}


class Percent(Record):
    """Share of matching rows, in hundredths of a percent."""

    def __init__(self) -> None:
        self.total = 0
        self.match = 0

    def take(self, row: Row, call: Call) -> None:
        self.total += 1
        if call.condition is not None and call.condition.holds(row):
            self.match += 1

    def merge(self, other: Self) -> None:
        self.total += other.total
        self.match += other.match

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        return {"total": self.total, "percentage": divide(self.match * 10000, self.total), "match": self.match}


class Apdex(Record):
    """Satisfaction score times 10000 (spec oal 3.2)."""

    def __init__(self) -> None:
        self.total = 0
        self.satisfied = 0
        self.tolerated = 0

    def take(self, row: Row, call: Call) -> None:
        value, threshold = call.number(row), call.threshold_ms(row)
        self.total += 1
        if not row[call.status] or value > 4 * threshold:
            return
        if value > threshold:
            self.tolerated += 1
        else:
            self.satisfied += 1

    def merge(self, other: Self) -> None:
        self.total += other.total
        self.satisfied += other.satisfied
        self.tolerated += other.tolerated

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        score = divide(self.satisfied * 10000 + divide(self.tolerated * 10000, 2), self.total)
        return {"total_num": self.total, "s_num": self.satisfied, "t_num": self.tolerated, "int_value": score}


class Percentile2(Record):
    """Lower bucket edges of five ranks (spec oal 3.3)."""

    def __init__(self) -> None:
        self.dataset: Counter[int] = Counter()

    def take(self, row: Row, call: Call) -> None:
        self.dataset[divide(call.number(row), call.precision)] += 1

    def merge(self, other: Self) -> None:
        self.dataset.update(other.dataset)

    def columns(self, minutes: int, call: Call) -> Columns:  # noqa: ARG002
        edges = {f"{{p={rank}}}": key * call.precision for rank, key in rank_keys(self.dataset).items()}
        return {"datatable_value": edges, "precision": call.precision, "dataset": dict(sorted(self.dataset.items()))}


def rank_roof(total: int, rank: int) -> int:
    """total * rank / 100 in 32-bit floats, rounded half up (spec oal 3.3)."""
    return math.floor(float32(float32(total * rank) / 100) + 0.5)


def rank_keys(dataset: Mapping[int, int]) -> dict[int, int]:
    """Per rank the first key, ascending, at which the cumulative count reaches the rank's roof."""
    total = sum(dataset.values())
    waiting = list(RANKS)
    reached: dict[int, int] = {}
    cumulative = 0
    for key in sorted(dataset):
        cumulative += dataset[key]
        while waiting and cumulative >= rank_roof(total, waiting[0]):
            reached[waiting.pop(0)] = key
    return reached


FUNCTIONS: Mapping[str, Callable[[], Record]] = {
    "longAvg": LongAvg,
    "sum": Sum,
    "cpm": Cpm,
    "percent": Percent,
    "apdex": Apdex,
    "percentile2": Percentile2,
}
