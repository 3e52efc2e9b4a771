"""What a hand-over stores, announced in the store before the first row: a cluster has no transactions.

Rows replace whole rows, so whoever finds the announcement of a hand-over that a ``kill -9`` cut in two can store all of
it again.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import structlog

from oap.storage.contract import StorageError
from oap.storage.elasticsearch.actions import Actions, index_action, joined, requests
from oap.storage.elasticsearch.bulk import BulkSender
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.layout import UNFINISHED, Layout
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings

_log = structlog.get_logger(__name__)

_HEAD: Final = "head"
# A gigabyte a second, and requests of metrics shrink to a twentieth.
_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class _Part:
    """One request, compressed. ``size``: its bytes before."""

    content: bytes
    size: int

    def actions(self) -> Actions:
        """The request again; each of its actions is two lines."""
        content = _codec().decompress(self.content, self.size, asbytes=True)
        line_ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n"))
        return Actions(content, line_ends[1::2].astype(np.int64) + 1)


class UnfinishedHandOver:
    """The announcement of one hand-over at a time, in an index of its own. One caller at a time.

    Its parts come first and a head that tells of them last; the head goes when every row is stored. A second announcement
    uses other places than a first one that was not finished, so that one whole announcement is there at any time.
    """

    def __init__(
        self, connection: Connection, layout: Layout, bulk: BulkSender, settings: ElasticsearchStoreSettings
    ) -> None:
        self._connection = connection
        self._index = layout.alias(UNFINISHED)
        self._bulk = bulk
        self._settings = settings
        self._side = ""

    def announced(self, several: Iterable[Actions]) -> Iterator[Actions]:
        """The same actions, once they are announced. Holds all of them compressed."""
        cut = requests(several, self._settings.bulk_actions, self._settings.batch_of_bytes)
        parts = [_compressed(request.content) for request in cut]
        if not parts:
            return iter(())
        side = "b" if self._side == "a" else "a"
        self._bulk.send(joined([self._action(f"{side}-{at}", _document(part))]) for at, part in enumerate(parts))
        self._bulk.send([joined([self._action(_HEAD, {"side": side, "parts": len(parts)})])])
        self._side = side
        return (part.actions() for part in parts)

    def finish(self) -> None:
        """Every row is stored: take the announcement back, if there is one."""
        if self._side:
            self._connection.request("DELETE", f"{self._path}/{_HEAD}", missing={})
            self._side = ""

    def store_left_behind(self) -> None:
        """Store all of what a server before this one has announced and not finished; later versions of rows stay."""
        found = self._connection.get(f"{self._path}/{_HEAD}", missing={})
        if not found.get("found"):
            return
        head = found["_source"]
        self._side = head["side"]
        row_ids = [f"{self._side}-{at}" for at in range(head["parts"])]
        self._require(row_ids)
        self._bulk.send(self._part(row_id).actions() for row_id in row_ids)
        self.finish()
        _log.info("the hand-over that a server was killed in is stored whole")

    def _require(self, row_ids: Sequence[str]) -> None:
        path = f"/{quote(self._index)}/_mget?_source=false"
        found = self._connection.request("POST", path, {"ids": list(row_ids)})["docs"]
        missing = [document["_id"] for document in found if not document.get("found")]
        if missing:
            raise StorageError(
                f"{self._index} announces a hand-over without its part {missing[0]}: somebody has changed the index;"
                " delete it to go on without these rows"
            )

    def _part(self, row_id: str) -> _Part:
        source = self._connection.get(f"{self._path}/{row_id}")["_source"]
        return _Part(base64.b64decode(source["content"]), source["size"])

    @property
    def _path(self) -> str:
        return f"/{quote(self._index)}/_doc"

    def _action(self, row_id: str, document: Mapping[str, Any]) -> bytes:
        return index_action(self._index, row_id, document)


def _compressed(content: bytes | memoryview) -> _Part:
    return _Part(_codec().compress(content, asbytes=True), len(content))


def _document(part: _Part) -> Mapping[str, Any]:
    return {"content": base64.b64encode(part.content).decode(), "size": part.size}


def _codec() -> pa.Codec:
    return pa.Codec("zstd", _LEVEL)
