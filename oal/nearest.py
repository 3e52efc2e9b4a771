"""Near matches for unknown names (spec oal 6)."""

from collections.abc import Iterable

_LISTED = 4


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate equal but for case, else the one with the least edit distance up to max(1, len / 3)."""
    known = sorted(set(candidates))
    folded = [name for name in known if name.lower() == word.lower()]
    if folded:
        return folded[0]
    bound = max(1, len(word) // 3)
    close = [(edit_distance(word, name), name) for name in known if abs(len(name) - len(word)) <= bound]
    return min(((distance, name) for distance, name in close if distance <= bound), default=(0, None))[1]


def edit_distance(left: str, right: str) -> int:
    """How many insertions, deletions and replacements of one character turn one text into the other."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def suggestion(word: str, candidates: Iterable[str]) -> str:
    """``did you mean 'x'?``, or nothing when no candidate is near."""
    near = nearest(word, candidates)
    return f"did you mean '{near}'?" if near is not None else ""


def excerpt(names: Iterable[str]) -> str:
    """A few of the names, the shortest ones, in alphabetical order; ``...`` stands for the rest."""
    known = sorted(set(names), key=lambda name: (len(name), name))
    shown = sorted(known[:_LISTED])
    return ", ".join(shown if len(known) <= _LISTED else [*shown, "..."])
