"""The known name next to an unknown one, fast enough for a page full of unknown names."""

from collections import Counter
from functools import lru_cache

from oal.nearest import nearest

# The distance of two texts takes longer than everything else about an expression: 4 ms for two long names.
_COMPARED = 6


@lru_cache(maxsize=1024)
def near_name(name: str, known: frozenset[str]) -> str | None:
    """As ``nearest``, but among the names alone that share most letters with this one."""
    letters = Counter(name.lower())
    likely = sorted(known, key=lambda one: (_letters_apart(letters, Counter(one.lower())), one))[:_COMPARED]
    return nearest(name, likely)


def _letters_apart(left: Counter[str], right: Counter[str]) -> int:
    return max((left - right).total(), (right - left).total())
