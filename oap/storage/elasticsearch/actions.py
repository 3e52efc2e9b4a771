"""Lines of ``_bulk`` requests, kept as bytes with the ends of the actions, and cut into requests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

LONGEST_ID: Final = 512
"""Bytes that the id of a document may have."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Action i, with its document, is ``content[ends[i - 1]:ends[i]]``; the first begins at 0."""

    content: bytes | memoryview
    ends: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    def part(self, first: int, last: int) -> "Actions":
        """Actions from the first up to, not including, the last."""
        start = self._start(first)
        return Actions(memoryview(self.content)[start : self._start(last)], self.ends[first:last] - start)

    def only(self, which: Sequence[int]) -> "Actions":
        """These actions."""
        content = memoryview(self.content)
        return joined([content[self._start(i) : int(self.ends[i])] for i in which])

    def ids(self) -> Sequence[str]:
        """The id of each action's document."""
        content = bytes(self.content)
        heads = (content[self._start(at) : content.index(b"\n", self._start(at))] for at in range(len(self)))
        return [operation["_id"] for head in heads for operation in orjson.loads(head).values()]

    def _start(self, at: int) -> int:
        return int(self.ends[at - 1]) if at else 0


def joined(parts: Sequence[bytes | memoryview]) -> Actions:
    """One action for each part."""
    return Actions(b"".join(parts), np.cumsum([len(part) for part in parts], dtype=np.int64))


def index_action(index: str, row_id: str, document: Mapping[str, Any], version: int | None = None) -> bytes:
    """One action: store a document under its id, unless a later version of it is stored; None stores it in any case."""
    later = {} if version is None else {"version": version, "version_type": "external_gte"}
    return _action("index", {"_index": index, **later, "_id": row_id}, document)


def create_action(index: str, row_id: str, document: Mapping[str, Any]) -> bytes:
    """One action: store a document under its id, unless one is there."""
    return _action("create", {"_index": index, "_id": row_id}, document)


def requests(several: Iterable[Actions], most_actions: int, most_bytes: int) -> Iterator[Actions]:
    """Everything again, in requests of at most so many actions and bytes; one action may be longer."""
    held: list[Actions] = []
    count = size = 0
    for actions in several:
        at = 0
        while at < len(actions):
            room = at + min(len(actions) - at, most_actions - count)
            start = int(actions.ends[at - 1]) if at else 0
            fitting = int(np.searchsorted(actions.ends[at:room], start + most_bytes - size, side="right"))
            if not fitting and not held:
                fitting = 1
            if fitting:
                held.append(actions.part(at, at + fitting))
                count, size, at = count + fitting, size + len(held[-1].content), at + fitting
            if at < len(actions):
                yield _concatenated(held)
                held, count, size = [], 0, 0
    if held:
        yield _concatenated(held)


def _action(operation: str, head: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    return orjson.dumps({operation: head}) + b"\n" + orjson.dumps(document) + b"\n"


def _concatenated(several: Sequence[Actions]) -> Actions:
    sizes = np.cumsum([0, *(len(actions.content) for actions in several)])
    ends = [actions.ends + start for actions, start in zip(several, sizes[:-1].tolist(), strict=True)]
    return Actions(b"".join(actions.content for actions in several), np.concatenate(ends))
