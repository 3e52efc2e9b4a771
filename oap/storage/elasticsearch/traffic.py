"""Services, instances and endpoints seen (spec entities 9): read, merged, written when they changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, TypeVar

from oap.entity.ids import service_traffic_id
from oap.storage.contract import EndpointTraffic, InstanceTraffic, ServiceTraffic
from oap.storage.elasticsearch.actions import index_action
from oap.storage.elasticsearch.indices import Hit, Indices
from oap.storage.elasticsearch.layout import ENDPOINT_TRAFFIC, INSTANCE_TRAFFIC, SERVICE_TRAFFIC, Layout

Key = tuple[str, str]
Traffic = ServiceTraffic | InstanceTraffic | EndpointTraffic
TrafficT = TypeVar("TrafficT", ServiceTraffic, InstanceTraffic, EndpointTraffic)

_GROUP: Final = "::"
_CHUNK: Final = 1000
_MOST_KNOWN: Final = 200_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A row and the index that holds it, which is that of the bucket it was first written with."""

    index: str
    row: Traffic


class TrafficTable:
    """Traffic of one store.

    Rows once seen are remembered, so the store is asked for each only once; beyond ``most_known`` those are forgotten that
    were not written for the longest time.
    """

    def __init__(self, indices: Indices, layout: Layout, most_known: int = _MOST_KNOWN) -> None:
        self._indices = indices
        self._layout = layout
        self._most_known = most_known
        # By model as well: a pod and an endpoint of one name have one id, which only some layouts tell apart.
        self._known: dict[Key, Stored] = {}
        self._homes: set[str] = set()

    def actions(self, rows: Sequence[Traffic], version: int) -> Iterator[tuple[Key, bytes, Stored]]:
        """What has to be written for these, as this version; ``remember`` each once it is written.

        The earliest bucket is kept, of instances the last ping that arrives, of endpoints the largest.
        """
        merged: dict[Key, Stored] = {}
        self._load({(model_of(row), row_id(self._layout, row)) for row in rows})
        for row in rows:
            key = model_of(row), row_id(self._layout, row)
            held = merged.get(key) or self._known.get(key)
            merged[key] = self._merged(held, row)
        for key, stored in merged.items():
            if self._known.get(key) != stored:
                yield key, index_action(stored.index, key[1], document(self._layout, stored.row), version), stored

    def remember(self, written: Iterable[tuple[Key, Stored]]) -> None:
        """Take rows as stored."""
        for key, stored in written:
            self._known.pop(key, None)
            self._known[key] = stored
            self._homes.add(stored.index)
        excess = len(self._known) - self._most_known
        for key in list(islice(self._known, max(excess, 0))):
            del self._known[key]

    def forget_all_but(self, existing: Set[str]) -> None:
        """Ask the store again for every row that none of these indices held."""
        if self._homes <= existing:
            return
        self._homes &= existing
        self._known = {key: stored for key, stored in self._known.items() if stored.index in existing}

    def services(self) -> Sequence[ServiceTraffic]:
        """All services by name, then layer."""
        return sorted(self._found(SERVICE_TRAFFIC, [], ServiceTraffic), key=lambda row: (row.name, row.layer))

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        """Instances of a service active in a range, by name."""
        must = [{"term": {"service_id": service_id}}, *_active(first_minute, last_minute)]
        return sorted(self._found(INSTANCE_TRAFFIC, must, InstanceTraffic), key=lambda row: (row.name, row.instance_id))

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        """One instance."""
        wanted = [{"ids": {"values": [self._layout.row_id(INSTANCE_TRAFFIC, instance_id)]}}]
        return next(iter(self._found(INSTANCE_TRAFFIC, wanted, InstanceTraffic)), None)

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None
    ) -> Sequence[EndpointTraffic]:
        """Endpoints of a service whose name contains the keyword as it is written, newest first, then by name."""
        must: list[Mapping[str, Any]] = [{"term": {"service_id": service_id}}, *(_active(*range_) if range_ else ())]
        if keyword:
            name = self._layout.column("endpoint_traffic_name")
            must.append({"wildcard": {name: {"value": f"*{_literally(keyword)}*"}}})
        found = self._found(ENDPOINT_TRAFFIC, must, EndpointTraffic, sort=[{"time_bucket": "desc"}])
        return sorted(found, key=lambda row: (-row.bucket, row.name, row.endpoint_id))[: max(limit, 0)]

    def stored(self, name: str, indices: Sequence[str], must: Sequence[Mapping[str, Any]]) -> Iterator[Stored]:
        """Rows of a model in those of these indices that may have any."""
        mine = f"{self._layout.alias(self._layout.table(name))}-"
        names = [index for index in indices if index.startswith(mine)]
        for hit in self._indices.hits(names, [*self._layout.only(name), *must]) if names else ():
            yield Stored(hit["_index"], row_of(self._layout, name, hit))

    def _found(
        self, name: str, must: Sequence[Mapping[str, Any]], _kind: type[TrafficT], **more: object
    ) -> list[TrafficT]:
        alias = self._layout.alias(self._layout.table(name))
        # Around midnight the Java server may write a row once more in the new day's index.
        rows: dict[str, Any] = {}
        for hit in self._indices.hits([alias], [*self._layout.only(name), *must], **more):
            row = row_of(self._layout, name, hit)
            held = rows.get(hit["_id"])
            rows[hit["_id"]] = row if held is None else _united(held, row)
        return list(rows.values())

    def _load(self, keys_of_rows: Iterable[Key]) -> None:
        unknown: dict[str, list[str]] = {}
        for name, row_id_ in keys_of_rows:
            if (name, row_id_) not in self._known:
                unknown.setdefault(name, []).append(row_id_)
        for name, keys in unknown.items():
            alias = self._layout.alias(self._layout.table(name))
            for start in range(0, len(keys), _CHUNK):
                for hit in self._indices.hits([alias], [{"ids": {"values": keys[start : start + _CHUNK]}}]):
                    self._take(name, hit)

    def _take(self, name: str, hit: Hit) -> None:
        key = name, hit["_id"]
        row, held = row_of(self._layout, name, hit), self._known.get(key)
        index = hit["_index"] if held is None else max(held.index, hit["_index"])
        self._known[key] = Stored(index, row if held is None else _united(held.row, row))
        self._homes.add(index)

    def _merged(self, held: Stored | None, row: Traffic) -> Stored:
        if held is None:
            return Stored(self._layout.index(self._layout.table(model_of(row)), row.bucket), row)
        bucket = min(held.row.bucket, row.bucket)
        if isinstance(row, EndpointTraffic) and isinstance(held.row, EndpointTraffic):
            return Stored(held.index, replace(row, bucket=bucket, last_ping=max(held.row.last_ping, row.last_ping)))
        return Stored(held.index, replace(row, bucket=bucket))


def model_of(row: Traffic) -> str:
    """Name of the model of a row."""
    if isinstance(row, ServiceTraffic):
        return SERVICE_TRAFFIC
    return INSTANCE_TRAFFIC if isinstance(row, InstanceTraffic) else ENDPOINT_TRAFFIC


def row_id(layout: Layout, row: Traffic) -> str:
    """Document id of a row."""
    if isinstance(row, ServiceTraffic):
        return layout.row_id(SERVICE_TRAFFIC, service_traffic_id(row.name, row.layer))
    return layout.row_id(model_of(row), row.instance_id if isinstance(row, InstanceTraffic) else row.endpoint_id)


def document(layout: Layout, row: Traffic) -> Mapping[str, Any]:
    """Document of a row; what is null is left out."""
    fields: dict[str, Any] = layout.discriminator(model_of(row))
    name = layout.column(f"{model_of(row)}_name")
    if isinstance(row, ServiceTraffic):
        group, separator, short = row.name.partition(_GROUP)
        fields |= {name: row.name, "short_name": short if separator else row.name, "service_id": row.service_id}
        fields |= {"service_group": group} if separator else {}
        fields["layer"] = row.layer
    else:
        fields |= {"service_id": row.service_id, name: row.name, "last_ping": row.last_ping}
        fields |= {"properties": ""} if isinstance(row, InstanceTraffic) else {}
    return {**fields, "time_bucket": row.bucket}


def row_of(layout: Layout, name: str, hit: Hit) -> Traffic:
    """Row of a document."""
    source, key = hit["_source"], layout.key_of(name, hit["_id"])
    text = source.get(layout.column(f"{name}_name"), "")
    if name == SERVICE_TRAFFIC:
        return ServiceTraffic(source["service_id"], text, source["layer"], source["time_bucket"])
    kind = InstanceTraffic if name == INSTANCE_TRAFFIC else EndpointTraffic
    return kind(key, source["service_id"], text, source["time_bucket"], source["last_ping"])


def _united(one: Traffic, other: Traffic) -> Traffic:
    bucket = min(one.bucket, other.bucket)
    if isinstance(one, ServiceTraffic) or isinstance(other, ServiceTraffic):
        return replace(one, bucket=bucket)
    return replace(one, bucket=bucket, last_ping=max(one.last_ping, other.last_ping))


def _active(first: int, last: int) -> list[Mapping[str, Any]]:
    return [{"range": {"last_ping": {"gte": first}}}, {"range": {"time_bucket": {"lte": last}}}]


def _literally(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\*?" else character for character in text)
