"""Is the cluster fit for use: reachable, new enough, with all rights, with templates that fit, with room."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from oap.storage.checking import Finding, clock_finding, gib, not_reached, ok, problem, shortened
from oap.storage.contract import MetricModel, StorageError
from oap.storage.elasticsearch.connection import Answer, Connection
from oap.storage.elasticsearch.indices import joined
from oap.storage.elasticsearch.layout import Layout
from oap.storage.elasticsearch.mapping import FIXED_MODELS, Properties, conflicts, fixed_properties, metric_properties
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings

_OLDEST: Final = (7, 8)
_NEWEST: Final = (8, 99)
_OPENSEARCH: Final = frozenset({1, 2, 3})
_SHARDS_AHEAD: Final = 10
_PROBE: Final = "oap-storage-check"
_BLOCKS: Final = ("read_only_allow_delete", "read_only", "write", "metadata")
_CREDENTIALS: Final = "user and password (SW_ES_USER, SW_ES_PASSWORD, or the file in SW_ES_SECRETS_MANAGEMENT_FILE)"


def check(settings: ElasticsearchStoreSettings, models: Sequence[MetricModel]) -> Iterator[Finding]:
    """All findings. What is tried for real is an index with one row and its template, which come and go."""
    place = f"{settings.protocol}://{','.join(settings.cluster_nodes)}"
    try:
        connection = Connection(settings)
    except StorageError as error:
        yield problem("connection", str(error), "correct the setting that is named")
        yield from not_reached()
        return
    try:
        yield from _Cluster(connection, settings, place).findings(models)
    finally:
        connection.close()


class _Cluster:
    def __init__(self, connection: Connection, settings: ElasticsearchStoreSettings, place: str) -> None:
        self._connection = connection
        self._settings = settings
        self._place = place
        self._layout = Layout(settings.namespace, settings.logic_sharding, settings.day_step)

    def findings(self, models: Sequence[MetricModel]) -> Iterator[Finding]:
        try:
            health = self._connection.get("/_cluster/health")
            nodes = self._connection.get("/_nodes/_all/_none?filter_path=nodes.*.version")
        except StorageError as error:
            yield problem("connection", str(error), _advice(str(error)))
            yield from not_reached()
            return
        yield self._reached(health)
        yield _version(sorted({node["version"] for node in nodes.get("nodes", {}).values()}))
        yield from self._privileges()
        yield from self._told("schema", lambda: self._schema(models))
        yield from self._told("clock", self._clock)
        yield from self._told("free space", self._space)

    def _told(self, subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            yield from look()
        except StorageError as error:
            yield problem(subject, str(error), "allow the user to monitor the cluster (cluster privilege 'monitor')")

    def _reached(self, health: Answer) -> Finding:
        text = f"{self._place}, cluster {health['cluster_name']} with {health['number_of_nodes']} nodes is {health['status']}"
        if health["status"] == "red":
            return problem(
                "connection", text, "rows of missing shards cannot be read; see GET /_cluster/allocation/explain"
            )
        return ok("connection", text)

    def _privileges(self) -> Iterator[Finding]:
        """Do once, below the namespace, all that the server does; each step tells of a right."""
        alias = self._layout.alias(_PROBE)
        index = f"{alias}-20000101"
        template = {
            "index_patterns": [f"{alias}-*"],
            "template": {
                "aliases": {alias: {}},
                "settings": {"index": {"number_of_shards": "1", "number_of_replicas": "0"}},
                "mappings": {"properties": {"number": {"type": "long"}}},
            },
        }
        row = b'{"index":{"_index":"%s","_id":"a"}}\n{"number":1}\n' % index.encode()
        steps: Sequence[tuple[str, str, str, object]] = (
            ("make templates", "PUT", f"/_index_template/{alias}", template),
            ("write rows and make indices by it", "POST", "/_bulk", row),
            ("change mappings", "PUT", f"/{alias}/_mapping", {"properties": {"other": {"type": "long"}}}),
            ("refresh", "POST", f"/{alias}/_refresh", None),
            ("read rows", "POST", "/_mget", {"docs": [{"_index": index, "_id": "a"}]}),
            ("search", "POST", f"/{alias}/_search", {"query": {"match_all": {}}}),
            ("delete indices", "DELETE", f"/{index}", None),
            ("delete templates", "DELETE", f"/_index_template/{alias}", None),
        )
        refused = {what: self._refusal(method, target, body) for what, method, target, body in steps}
        refused = {what: reason for what, reason in refused.items() if reason}
        if not refused:
            yield ok("privileges", ", ".join(what for what, *_ in steps))
        for what, reason in refused.items():
            yield problem("privileges", f"cannot {what}: {reason}", _right_advice(reason, self._layout.alias("*")))

    def _refusal(self, method: str, target: str, body: object) -> str:
        try:
            answer = self._connection.request(method, target, body)
        except StorageError as error:
            return str(error)
        failed = [item["index"]["error"] for item in answer.get("items", ()) if "error" in item["index"]]
        return f"{failed[0].get('type')}: {failed[0].get('reason')}" if failed else ""

    def _schema(self, models: Sequence[MetricModel]) -> Iterator[Finding]:
        tables = self._wanted(models)
        aliases = {self._layout.alias(table): wanted for table, wanted in tables.items()}
        unfit: list[str] = []
        missing: list[str] = []
        growing: list[str] = []
        for alias, wanted in aliases.items():
            template = self._template(alias)
            if template is None:
                missing.append(alias)
            elif wanted.keys() - template.keys():
                growing.append(alias)
            held = {f"template {alias}": template or {}, **self._mappings(alias)}
            unfit += [
                f"{place} has {name} as {stored[name].get('type')}, {wanted[name]['type']} is needed"
                for place, stored in held.items()
                for name in conflicts(stored, wanted)
            ]
        if unfit:
            yield problem(
                "schema", shortened(unfit, 3), "take another namespace (SW_NAMESPACE), or delete these indices"
            )
        else:
            yield ok("schema", _schema_text(len(aliases), missing, growing))
        yield from self._other_mode(aliases)

    def _wanted(self, models: Sequence[MetricModel]) -> Mapping[str, Properties]:
        tables: dict[str, dict[str, Mapping[str, Any]]] = {}
        for name in FIXED_MODELS:
            tables.setdefault(self._layout.table(name), {}).update(fixed_properties(self._layout, name))
        for model in models:
            tables.setdefault(self._layout.metric_table(model), {}).update(metric_properties(self._layout, model))
        return tables

    def _template(self, alias: str) -> Properties | None:
        found = self._connection.get(f"/_index_template/{alias}", missing={}).get("index_templates", ())
        for one in found:
            mappings = (one["index_template"].get("template") or {}).get("mappings", {})
            properties: Properties = mappings.get("properties", {})
            return properties
        return None

    def _mappings(self, alias: str) -> Mapping[str, Properties]:
        found = self._connection.get(f"/{alias}/_mapping", missing={})
        return {name: one["mappings"].get("properties", {}) for name, one in found.items()}

    def _other_mode(self, aliases: Mapping[str, object]) -> Iterator[Finding]:
        """Rows of the other sharding mode are not read in this one."""
        other = Layout(self._settings.namespace, not self._settings.logic_sharding, self._settings.day_step)
        name = other.alias("metrics-all" if not other.is_sharded else "service_traffic")
        if name not in aliases and self._connection.get(f"/_alias/{name}", missing={}):
            key = "true" if other.is_sharded else "false"
            yield problem(
                "schema",
                f"{name} holds rows that were written with logicSharding={key}, which are not read",
                f"set logicSharding to {key} (SW_STORAGE_ES_LOGIC_SHARDING), or let these days run out",
            )

    def _clock(self) -> Iterator[Finding]:
        before_s = time.time()
        answer = self._connection.get("/_nodes/stats/os?filter_path=nodes.*.timestamp")
        after_s = time.time()
        clocks = [node["timestamp"] / 1000 for node in answer.get("nodes", {}).values()]
        farthest = max(clocks, key=lambda one: abs(one - before_s), default=before_s)
        yield clock_finding(farthest, before_s, after_s)

    def _space(self) -> Iterator[Finding]:
        yield from self._blocked()
        yield from self._disks()
        yield from self._shards()

    def _blocked(self) -> Iterator[Finding]:
        index = joined([self._layout.alias("*")])
        wanted = ",".join(f"*.settings.index.blocks.{name}" for name in _BLOCKS)
        found = self._connection.get(f"/{index}/_settings?filter_path={wanted}", missing={})
        for block in _BLOCKS:
            names = [name for name, one in found.items() if _is_set(one["settings"]["index"]["blocks"].get(block))]
            if names:
                yield problem(
                    "free space",
                    f"{shortened(sorted(names), 3)} refuse rows (index.blocks.{block})",
                    f"""free space first, then: PUT /{self._layout.alias("*")}/_settings {{"index.blocks.{block}": null}}""",
                )
        yield from self._blocked_cluster()

    def _blocked_cluster(self) -> Iterator[Finding]:
        settings = self._cluster_settings()
        for name in ("cluster.blocks.read_only", "cluster.blocks.read_only_allow_delete"):
            if _is_set(settings.get(name)):
                advice = (
                    f"""PUT /_cluster/settings {{"persistent": {{"{name}": null}}}}, and the same below transient"""
                )
                yield problem("free space", f"the whole cluster refuses rows ({name})", advice)

    def _disks(self) -> Iterator[Finding]:
        settings = self._cluster_settings()
        watermark = settings.get("cluster.routing.allocation.disk.watermark.flood_stage", "95%")
        stats = self._connection.get("/_nodes/stats/fs?filter_path=nodes.*.name,nodes.*.fs.total")
        for node in stats.get("nodes", {}).values():
            total, free = (node["fs"]["total"][key] for key in ("total_in_bytes", "available_in_bytes"))
            text = f"node {node['name']} has {gib(free)} of {gib(total)} free"
            low = _least_free(str(settings.get("cluster.routing.allocation.disk.watermark.low", "85%")), total)
            if free < low:
                advice = "make room or add a node, or lower core.default.metricsDataTTL (SW_CORE_METRICS_DATA_TTL)"
                text = f"{text}; below {gib(low)} no shards of new days go there, and at {watermark} it refuses rows"
                yield problem("free space", text, advice)
            else:
                yield ok("free space", text)

    def _shards(self) -> Iterator[Finding]:
        settings = self._cluster_settings()
        most = int(settings.get("cluster.max_shards_per_node", 1000))
        health = self._connection.get("/_cluster/health")
        held = health["active_shards"] + health["unassigned_shards"]
        room = most * health["number_of_data_nodes"] - held
        text = f"{held} of {most * health['number_of_data_nodes']} shards are in use"
        if room < _SHARDS_AHEAD:
            yield problem("free space", text, "the next day's indices need some: raise cluster.max_shards_per_node")
        else:
            yield ok("free space", text)

    def _cluster_settings(self) -> Mapping[str, Any]:
        found = self._connection.get("/_cluster/settings?include_defaults=true&flat_settings=true")
        return {**found.get("defaults", {}), **found.get("persistent", {}), **found.get("transient", {})}


def _version(versions: Sequence[str]) -> Finding:
    old = [text for text in versions if not _is_opensearch(text) and _parts(text) < _OLDEST]
    new = [text for text in versions if not _is_opensearch(text) and _parts(text) > _NEWEST]
    names = [f"{'OpenSearch' if _is_opensearch(text) else 'Elasticsearch'} {text}" for text in versions]
    if old:
        return problem("version", f"Elasticsearch {', '.join(old)} is too old", "upgrade it to 7.8 or later")
    if new:
        return ok("version", f"{', '.join(names)}; tried with Elasticsearch 7.17 and 8, OpenSearch 2")
    return ok("version", ", ".join(names))


def _is_opensearch(version: str) -> bool:
    return _parts(version)[0] in _OPENSEARCH


def _parts(version: str) -> tuple[int, int]:
    major, minor, *_ = version.partition("-")[0].split(".")
    return int(major), int(minor)


def _schema_text(tables: int, missing: Sequence[str], growing: Sequence[str]) -> str:
    text = f"{tables - len(missing)} of {tables} templates are there"
    if missing:
        text += f", these would be made: {shortened(missing, 3)}"
    if growing:
        text += f", these would get fields: {shortened(growing, 3)}"
    return text


def _is_set(value: object) -> bool:
    return str(value).lower() == "true"


def _least_free(watermark: str, total: int) -> float:
    """Bytes that a watermark wants free: it is a share that may be used, or a size that has to stay."""
    if watermark.endswith("%"):
        return total * (1 - float(watermark[:-1]) / 100)
    units = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
    number = watermark.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(number) * units.get(watermark[len(number) :], 1)


def _advice(reason: str) -> str:
    if "(status 401)" in reason or "(status 403)" in reason:
        return f"check {_CREDENTIALS}"
    if "no secure connection" in reason:
        return "check protocol and trustStorePath (SW_STORAGE_ES_HTTP_PROTOCOL, SW_STORAGE_ES_SSL_JKS_PATH)"
    return "start the cluster, or correct clusterNodes (SW_STORAGE_ES_CLUSTER_NODES)"


def _right_advice(reason: str, pattern: str) -> str:
    if "action.auto_create_index" in reason or "auto_create_index" in reason:
        return f"let the cluster setting action.auto_create_index allow {pattern}"
    if "block" in reason:
        return "take the block away, see free space"
    if "maximum" in reason and "shards" in reason:
        return "raise cluster.max_shards_per_node, or delete indices"
    return f"give the user the index privilege 'all' on {pattern} and the cluster privileges 'monitor', 'manage_index_templates'"
