"""Operators between numbers and vectors, and which series meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from oap.promql.errors import ErrorType, PromqlError
from oap.promql.value import NAME, Flags, Floats, Labels, Scalar, Vector, only, without

_Operation = Callable[[Floats, Floats], Floats]

_ARITHMETIC: Final[Mapping[str, _Operation]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
_COMPARISONS: Final[Mapping[str, _Operation]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<=": np.less_equal,
    "<": np.less,
    ">=": np.greater_equal,
    ">": np.greater,
}
SETS: Final = frozenset({"and", "or", "unless"})
OPERATORS: Final = frozenset({*_ARITHMETIC, *_COMPARISONS, *SETS})


@dataclass(frozen=True, slots=True)
class Matching:
    """How series of both sides meet: by the labels ``names`` alone (``on``) or by all others.

    ``many``: the side, left or right, of which several may meet one of the other; it takes the labels ``copied`` from it.
    """

    names: frozenset[str] = frozenset()
    is_on: bool = False
    many: str = ""
    copied: frozenset[str] = frozenset()

    def key(self, labels: Labels) -> Labels:
        """What two series must share to meet."""
        return only(labels, self.names) if self.is_on else without(labels, self.names | {NAME})


def combine(
    operator: str, left: Scalar | Vector, right: Scalar | Vector, matching: Matching, *, returns_bool: bool
) -> Scalar | Vector:
    """Value of ``left operator right``. Raises PromqlError when more series meet than may."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(_apply(operator, left.values, right.values))
    if isinstance(left, Scalar):
        assert isinstance(right, Vector)  # noqa: S101  (two numbers were answered above)
        return _with_number(operator, right, left.values, right.values, right.values, returns_bool=returns_bool)
    if isinstance(right, Scalar):
        return _with_number(operator, left, left.values, right.values, left.values, returns_bool=returns_bool)
    if operator in SETS:
        return _SET_OPERATIONS[operator](left, right, matching)
    return _met(operator, left, right, matching, returns_bool=returns_bool)


def _apply(operator: str, left: Floats, right: Floats) -> Floats:
    operation = _ARITHMETIC.get(operator) or _COMPARISONS[operator]
    with np.errstate(all="ignore"):
        return operation(left, right).astype(np.float64)


def _with_number(
    operator: str, vector: Vector, left: Floats, right: Floats, kept: Floats, *, returns_bool: bool
) -> Vector:
    result = _apply(operator, left, right)
    if operator in _COMPARISONS and not returns_bool:
        return vector.with_points(kept, vector.present & (result != 0))
    return vector.with_points(result, vector.present).without_name()


def _met(operator: str, left: Vector, right: Vector, matching: Matching, *, returns_bool: bool) -> Vector:
    is_swapped = matching.many == "right"
    many, one = (right, left) if is_swapped else (left, right)
    partners = _by_key(one, matching, "many-to-many matching is not allowed, the side of one")
    if not matching.many:
        _by_key(many, matching, "multiple matches: use group_left or group_right, the left side")
    met = [
        (at, partner)
        for at, labels in enumerate(many.labels)
        if (partner := partners.get(matching.key(labels))) is not None
    ]
    ours, theirs = many.rows([at for at, _ in met]), one.rows([partner for _, partner in met])
    lhs, rhs = (theirs, ours) if is_swapped else (ours, theirs)
    result, present = _apply(operator, lhs.values, rhs.values), ours.present & theirs.present
    keeps_name = operator in _COMPARISONS and not returns_bool
    if keeps_name:
        result, present = lhs.values, present & (result != 0)
    labels = tuple(_joined(a, b, matching, keeps_name) for a, b in zip(ours.labels, theirs.labels, strict=True))
    return Vector(labels, result, present)


def _joined(labels: Labels, other: Labels, matching: Matching, keeps_name: bool) -> Labels:
    if not matching.many:
        kept = labels if keeps_name and not matching.is_on else without(labels, {NAME})
        return only(kept, matching.names) if matching.is_on else without(kept, matching.names)
    kept = labels if keeps_name else without(labels, {NAME})
    return tuple(sorted((*without(kept, matching.copied), *only(other, matching.copied))))


def _by_key(vector: Vector, matching: Matching, complaint: str) -> Mapping[Labels, int]:
    found: dict[Labels, int] = {}
    for at, labels in enumerate(vector.labels):
        key = matching.key(labels)
        if key in found:
            shown = ", ".join(f'{name}="{text}"' for name, text in key)
            raise PromqlError(f"{complaint} has several series with {{{shown}}}", ErrorType.EXECUTION)
        found[key] = at
    return found


def _any_with_key(vector: Vector, matching: Matching) -> Mapping[Labels, Flags]:
    found: dict[Labels, Flags] = {}
    for at, labels in enumerate(vector.labels):
        key = matching.key(labels)
        found[key] = found[key] | vector.present[at] if key in found else vector.present[at]
    return found


def _partners(vector: Vector, other: Vector, matching: Matching) -> Flags:
    """At which steps some series of the other side meets each of these."""
    there, nobody = _any_with_key(other, matching), np.zeros(vector.values.shape[1], dtype=np.bool_)
    met = [there.get(matching.key(labels), nobody) for labels in vector.labels]
    return np.array(met, dtype=np.bool_).reshape(vector.present.shape)


def _and(left: Vector, right: Vector, matching: Matching) -> Vector:
    return left.with_points(left.values, left.present & _partners(left, right, matching))


def _unless(left: Vector, right: Vector, matching: Matching) -> Vector:
    return left.with_points(left.values, left.present & ~_partners(left, right, matching))


def _or(left: Vector, right: Vector, matching: Matching) -> Vector:
    added = _unless(right, left, matching)
    places = {labels: at for at, labels in enumerate(left.labels)}
    fresh = [at for at, labels in enumerate(added.labels) if labels not in places]
    values, present = left.values.copy(), left.present.copy()
    for at, labels in enumerate(added.labels):
        if labels in places:
            # The same series on both sides, each at its own steps.
            mine = places[labels]
            values[mine] = np.where(present[mine], values[mine], added.values[at])
            present[mine] |= added.present[at]
    new = added.rows(fresh)
    return Vector(
        (*left.labels, *new.labels), np.concatenate([values, new.values]), np.concatenate([present, new.present])
    )


_SET_OPERATIONS: Final[Mapping[str, Callable[[Vector, Vector, Matching], Vector]]] = {
    "and": _and,
    "or": _or,
    "unless": _unless,
}
