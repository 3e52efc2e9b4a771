"""Where block comments end (spec oal 1.1)."""

import re
from bisect import bisect_left

_EDGE = re.compile(r"/\*|\*/")


class CommentEnds:
    """Ends of the block comments of one text.

    Nested pairs count when they are balanced; else a comment ends at the first ``*/`` behind its start. All edges are
    paired in one pass, so that a text full of unbalanced comments costs no more than another.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._balanced: dict[int, int | None] = {}
        self._closings: list[int] = []

    def of(self, start: int) -> int | None:
        """The position behind the comment whose ``/*`` is at ``start``; None when it is not closed at all."""
        if start not in self._balanced:
            self._pair_edges(start)
        end = self._balanced[start]
        if end is not None:
            return end
        first = bisect_left(self._closings, start + len("/**/"))
        return self._closings[first] if first < len(self._closings) else None

    def _pair_edges(self, start: int) -> None:
        # Edges found from another start can lie one character off ("/*/"), so an unknown start is a reason to pair anew.
        self._balanced, self._closings = {}, []
        open_: list[int] = []
        for edge in _EDGE.finditer(self._text, start):
            if edge.group() == "/*":
                open_.append(edge.start())
                self._balanced[edge.start()] = None
                continue
            self._closings.append(edge.end())
            if open_:
                self._balanced[open_.pop()] = edge.end()
