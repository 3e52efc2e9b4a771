"""The indices of the store: which exist, making written rows visible, reading them by pages."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.elasticsearch.answers import error_of
from oap.storage.elasticsearch.connection import Answer, Connection, refusal

_LENIENT: Final = "ignore_unavailable=true&allow_no_indices=true&expand_wildcards=open"
_LENIENT_HEADER: Final = {"ignore_unavailable": True, "allow_no_indices": True, "expand_wildcards": "open"}
_NO_INDEX: Final = "index_not_found_exception"
_SCROLL: Final = "30s"
_IDS_AT_ONCE: Final = 10000

Hit = Mapping[str, Any]


class Indices:
    """Reads of one store. One object serves all threads.

    A search sees rows only once their index is refreshed, which the server does now and then; a search after a write of
    ours refreshes what was written first, so whoever reads here sees everything that was written here. ``everything`` is
    a pattern of all names, ``page`` how many rows come at once, ``most`` how many a list has at most.
    """

    def __init__(self, connection: Connection, everything: str, page: int, most: int) -> None:
        self.connection = connection
        self._page = page
        self._most = most
        # What a server before this one wrote last may not be visible yet either.
        self._written = {everything}
        self._lock = threading.Lock()

    def wrote(self, names: Iterable[str]) -> None:
        """Rows went into these indices."""
        with self._lock:
            self._written.update(names)

    def make_visible(self, names: Sequence[str] = ()) -> None:
        """Refresh what was written, and these indices in any case."""
        with self._lock:
            wanted, self._written = self._written | set(names), set()
        if not wanted:
            return
        try:
            self.connection.request("POST", f"/{joined(sorted(wanted))}/_refresh?{_LENIENT}")
        except StorageError:
            self.wrote(sorted(wanted))
            raise

    def of(self, alias: str) -> Sequence[str]:
        """Names of the indices behind an alias, ascending, which is by day."""
        return sorted(self.connection.get(f"/_alias/{quote(alias)}", missing={}))

    def search(self, names: Sequence[str], body: Mapping[str, Any], options: str = "") -> Answer:
        """Answer of a search in these indices or aliases, of which any may be missing."""
        self.make_visible()
        # Rows of a shard that is not there yet, as after a start, would be taken for rows that do not exist.
        whole = f"{_LENIENT}&allow_partial_search_results=false{options}"
        return self.connection.request("POST", f"/{joined(names)}/_search?{whole}", dict(body))

    def searches(self, asked: Sequence[tuple[Sequence[str], Mapping[str, Any]]]) -> Sequence[Answer]:
        """Answers of several searches, each as ``search``, in one request."""
        self.make_visible()
        lines = [part for names, body in asked for part in ({"index": list(names), **_LENIENT_HEADER}, body)]
        sent = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        answers: Sequence[Answer] = self.connection.request("POST", "/_msearch", sent)["responses"]
        for answer in answers:
            if "error" in answer:
                raise refusal(answer["status"], answer, "POST /_msearch")
        return answers

    def hits(self, names: Sequence[str], must: Sequence[Mapping[str, Any]], **more: Any) -> list[Hit]:
        """All rows that meet the conditions, up to the most that lists may have."""
        query = {"query": {"bool": {"filter": list(must)}}, "size": min(self._page, self._most), **more}
        answer = self.search(names, query, f"&scroll={_SCROLL}")
        found: list[Hit] = []
        try:
            while (page := answer["hits"]["hits"]) and len(found) < self._most:
                found += page
                if len(page) < query["size"]:
                    break
                following = {"scroll": _SCROLL, "scroll_id": answer["_scroll_id"]}
                answer = self.connection.request("POST", "/_search/scroll", following)
        finally:
            if scroll_id := answer.get("_scroll_id"):
                self.connection.request("DELETE", "/_search/scroll", {"scroll_id": scroll_id}, missing={})
        return found[: self._most]

    def pages(self, names: Sequence[str], body: Mapping[str, Any]) -> Iterator[list[Hit]]:
        """All rows of a search, however many; its ``sort`` must tell all rows apart."""
        after: dict[str, Any] = {}
        while True:
            page = self.search(names, {**body, "size": self._page, "track_total_hits": False, **after})["hits"]["hits"]
            if page:
                yield page
            if len(page) < self._page:
                return
            after = {"search_after": page[-1]["sort"]}

    def groups(self, names: Sequence[str], body: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Answer]:
        """Buckets of the composite aggregation by these fields, with the sub-aggregations of the body."""
        sources = [{key: {"terms": {"field": key, "missing_bucket": True}}} for key in keys]
        after: dict[str, Any] = {}
        while True:
            composite = {"size": 1000, "sources": sources, **after}
            asked = {"size": 0, "query": body["query"], "aggs": {"g": {"composite": composite, "aggs": body["aggs"]}}}
            found = self.search(names, asked).get("aggregations", {}).get("g", {})
            yield from found.get("buckets", ())
            if "after_key" not in found:
                return
            after = {"after": found["after_key"]}

    def by_id(self, wanted: Sequence[tuple[str, str]], columns: Sequence[str] = ()) -> Iterator[Hit]:
        """Rows by (index, id), as they are now; those that do not exist are left out.

        StorageUnavailable when it is not known of one, because its shard is not there yet.
        """
        source = f"?_source_includes={quote(','.join(columns))}" if columns else ""
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            chunk = [{"_index": index, "_id": row_id} for index, row_id in wanted[start : start + _IDS_AT_ONCE]]
            answer = self.connection.request("POST", f"/_mget{source}", orjson.dumps({"docs": chunk}))
            for found in answer["docs"]:
                if error_of(found).get("type", _NO_INDEX) != _NO_INDEX:
                    raise StorageUnavailable(f"POST /_mget: {found['error'].get('reason')}")
                if found.get("found"):
                    yield found


def joined(names: Sequence[str]) -> str:
    """Several names as one part of a path."""
    return quote(",".join(names), safe=",*")
