"""Near matches for unknown names (spec oal 6)."""

from collections.abc import Iterable

_LISTED = 4


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate equal but for case and ``_``, else the one with the least distance up to max(1, len / 3)."""
    known = sorted(set(candidates))
    folded = [name for name in known if _folded(name) == _folded(word)]
    if folded:
        return min(folded, key=lambda name: edit_distance(word, name))
    bound = max(1, len(word) // 3)
    close = [(edit_distance(word, name), name) for name in known if abs(len(name) - len(word)) <= bound]
    return min(((distance, name) for distance, name in close if distance <= bound), default=(0, None))[1]


def edit_distance(left: str, right: str) -> int:
    """How many insertions, deletions, replacements and swaps of neighbours turn one text into the other."""
    above: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, above, row = above, row, [i]
        for j, b in enumerate(right, 1):
            steps = [above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b)]
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                steps.append(before[j - 2] + 1)
            row.append(min(steps))
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


def _folded(name: str) -> str:
    return name.lower().replace("_", "")
