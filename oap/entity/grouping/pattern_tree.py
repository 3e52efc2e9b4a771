"""Endpoint patterns of one service, matched segment by segment."""

from collections.abc import Iterable
from dataclasses import dataclass, field

VARIABLE = "{var}"


@dataclass(slots=True)
class _Branch:
    """``pattern`` is the whole pattern that ends here, "" when none does; ``position`` counts siblings as they came."""

    position: int = 0
    children: "dict[str, _Branch]" = field(default_factory=dict)
    pattern: str = ""


class PatternTree:
    """Patterns such as ``GET:/prod/{var}``. Immutable once built.

    A name descends into the first child that fits, in the order in which the patterns came, and never goes back: with
    ``GET:/{var}/a`` before ``GET:/prod/b`` the name ``GET:/prod/b`` matches nothing. Upstream does the same.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._root = _Branch()
        for pattern in patterns:
            self._add(pattern)

    def __bool__(self) -> bool:
        return bool(self._root.children)

    def match(self, name: str) -> str | None:
        """Return the pattern a name fits, the name itself when it has one segment only, None when nothing fits."""
        if not self._root.children:
            return None
        segments = _segments(name)
        if len(segments) == 1:
            return name
        branch = self._root.children.get(segments[0])
        for segment in segments[1:]:
            branch = _first_fitting(branch, segment)
        return branch.pattern or None if branch else None

    def _add(self, pattern: str) -> None:
        branch = self._root
        for segment in _segments(pattern):
            branch = branch.children.setdefault(segment, _Branch(len(branch.children)))
        branch.pattern = pattern


def _first_fitting(branch: _Branch | None, segment: str) -> _Branch | None:
    if branch is None:
        return None
    literal, variable = branch.children.get(segment), branch.children.get(VARIABLE)
    if literal and variable:
        return min(literal, variable, key=lambda child: child.position)
    return literal or variable


def _segments(text: str) -> list[str]:
    """Split on ``/``; one leading and one trailing slash count for nothing, so ``GET:/`` is a single segment."""
    return text.removeprefix("/").removesuffix("/").split("/")
