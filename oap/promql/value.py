"""What a query evaluates to, at every step of its range at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = tuple[tuple[str, str], ...]

NAME = "__name__"


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """Series with labels (sorted by name): ``values`` of shape (series, steps) count only where ``present``."""

    labels: tuple[Labels, ...]
    values: Floats
    present: Flags

    def with_points(self, values: Floats, present: Flags) -> "Vector":
        """The same series with other points."""
        return Vector(self.labels, values, present)

    def rows(self, chosen: list[int]) -> "Vector":
        """Some of the series, in that order."""
        return Vector(tuple(self.labels[at] for at in chosen), self.values[chosen], self.present[chosen])

    def without_name(self) -> "Vector":
        """The series without the name of the metric, which they are no values of any more."""
        return Vector(tuple(without(labels, {NAME}) for labels in self.labels), self.values, self.present)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A number at each step."""

    values: Floats


Value = Vector | Scalar | str


def without(labels: Labels, names: set[str] | frozenset[str]) -> Labels:
    """The labels but for those."""
    return tuple(pair for pair in labels if pair[0] not in names)


def only(labels: Labels, names: set[str] | frozenset[str]) -> Labels:
    """Those labels alone."""
    return tuple(pair for pair in labels if pair[0] in names)


def empty_vector(steps: int) -> Vector:
    """No series at all."""
    return Vector((), np.zeros((0, steps)), np.zeros((0, steps), dtype=np.bool_))
