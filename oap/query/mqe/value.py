"""What an expression evaluates to, while it is being evaluated (spec query 2.3)."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from oap.query.mqe.errors import Finding, MqeError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = tuple[tuple[str, str], ...]


class ResultType(StrEnum):
    """Shape of a result, as clients know it."""

    UNKNOWN = "UNKNOWN"
    SINGLE_VALUE = "SINGLE_VALUE"
    TIME_SERIES_VALUES = "TIME_SERIES_VALUES"
    SORTED_LIST = "SORTED_LIST"
    RECORD_LIST = "RECORD_LIST"


@dataclass(frozen=True, slots=True)
class Owner:
    """Entity of a point in a sorted list; members that the scope does not have are None."""

    scope: str
    service_id: str | None = None
    service_name: str | None = None
    normal: bool | None = None
    service_instance_id: str | None = None
    service_instance_name: str | None = None
    endpoint_id: str | None = None
    endpoint_name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Points with common labels. ``values`` (float64) counts only where ``present``; all four have one length."""

    labels: Labels
    ids: tuple[str | None, ...]
    values: Floats
    present: Flags
    owners: tuple[Owner | None, ...]

    def with_points(self, values: Floats, present: Flags) -> "Series":
        """The same points with other values."""
        return replace(self, values=values, present=present)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Value of an expression.

    ``boolean``: made by a comparison or boolean operation. ``error``: text for the client.
    """

    type: ResultType
    series: tuple[Series, ...] = ()
    labelled: bool = False
    boolean: bool = False
    error: str | None = None

    @property
    def has_points(self) -> bool:
        """Whether any point is not empty."""
        return any(one.present.any() for one in self.series)

    @property
    def is_plain_single(self) -> bool:
        """Whether this is a single value without labels."""
        return self.type is ResultType.SINGLE_VALUE and not self.labelled

    @property
    def is_list(self) -> bool:
        """Whether points are entities or records, not moments."""
        return self.type in {ResultType.SORTED_LIST, ResultType.RECORD_LIST}


class Misuse(MqeError):  # noqa: N818  (the word for it in the specification)
    """A function cannot treat its operand, which stays the answer beside the error."""

    def __init__(self, finding: Finding, result: Result) -> None:
        super().__init__(finding)
        self.result = result


def single(value: float | None, labels: Labels = (), id_: str | None = None, owner: Owner | None = None) -> Series:
    """A series of one point, empty for None."""
    return Series(labels, (id_,), np.array([0.0 if value is None else value]), np.array([value is not None]), (owner,))
