"""Scenario files: YAML text to a checked Scenario, with all problems of a file at once."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oap.config.finding import near_match
from oap.config.yaml_source import YamlNode, YamlReport, parse, read_text
from oap.emulator.scenario import (
    Call,
    Distribution,
    External,
    Malformation,
    Malformed,
    Method,
    Node,
    Protocol,
    Request,
    Scenario,
    Service,
    Ztunnel,
)
from oap.emulator.scenario_values import Entries, Values

_PARAMETER = re.compile(r"\{(\w+)\}")
_STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_EXCLUDED_NAMESPACES = ("istio-system", "cert-manager", "kube-system")
SHORTEST_FLUSH_NS = 100_000_000
_PROTOCOLS = {"tcp": Protocol.TCP, "http1": Protocol.HTTP1, "http2": Protocol.HTTP2}
_METHODS = {method.name: method for method in Method}
_ZTUNNEL = {kind.value: kind for kind in Ztunnel}
MALFORMATIONS = {kind.value: kind for kind in Malformation}
"""Kinds of wrong messages by the word that selects them."""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file; raises ConfigError with every finding."""
    return parse_scenario(read_text(path), str(path))


def parse_scenario(text: str, file: str) -> Scenario:
    """Read a scenario from its text; raises ConfigError with every finding."""
    root, report = parse(text, file)
    scenario = _Reader(report).scenario(root, Path(file).stem)
    report.raise_findings()
    return scenario


class _Reader:
    """Reads section after section. A wrong value is reported and replaced by a harmless one: reading goes on."""

    def __init__(self, report: YamlReport) -> None:
        self._report = report
        self._values = Values(report)

    def scenario(self, root: YamlNode, name: str) -> Scenario:
        known = ("cluster", "flush", "exclude_namespaces", "nodes", "services", "externals", "calls", "malformed")
        entries, values = self._report.mapping(root, known), self._values
        self._report.require(root, ("nodes", "services", "calls"))
        nodes, services = values.items(entries, "nodes"), values.items(entries, "services")
        externals, calls = values.items(entries, "externals"), values.items(entries, "calls")
        excluded = [values.text(node) or "" for node in values.items(entries, "exclude_namespaces")]
        period_ns, max_count = self._flush(entries)
        scenario = Scenario(
            name=name,
            cluster=values.optional(entries, "cluster", values.text_or_empty, ""),
            flush_period_ns=period_ns,
            max_count=max_count,
            exclude_namespaces=tuple(excluded) if "exclude_namespaces" in entries else _EXCLUDED_NAMESPACES,
            nodes=tuple(self._node(item) for item in nodes),
            services=tuple(self._service(item) for item in services),
            externals=tuple(self._external(item) for item in externals),
            calls=(),
            malformed=self._malformed(entries),
        )
        self._unique(nodes, [node.name for node in scenario.nodes])
        self._unique((*services, *externals), _peers(scenario))
        for key, items in (("nodes", nodes), ("services", services), ("calls", calls)):
            if key in entries and not items:
                self._report.error_at_key(entries[key], f"'{key}' is empty")
        return replace(scenario, calls=tuple(self._call(item, scenario) for item in calls))

    def _flush(self, entries: Entries) -> tuple[int, int]:
        section, values = self._values.section(entries, "flush", ("period", "max_count")), self._values
        period_ns = values.optional(section, "period", values.duration_ns, 5_000_000_000)
        if period_ns < SHORTEST_FLUSH_NS:
            self._report.error(section["period"], "the flush period must be at least 100ms")
        return max(period_ns, SHORTEST_FLUSH_NS), values.optional(section, "max_count", values.count, 10_000)

    def _node(self, item: YamlNode) -> Node:
        entries, values = self._report.mapping(item, ("name", "clock_skew")), self._values
        self._report.require(item, ("name",))
        skew_ns = values.optional(entries, "clock_skew", values.duration_ns, 0)
        return Node(values.optional(entries, "name", values.text, ""), skew_ns)

    def _service(self, item: YamlNode) -> Service:
        known = ("name", "namespace", "pods", "port", "protocol", "tls", "monitored", "registered", "process")
        entries, values = self._report.mapping(item, known), self._values
        self._report.require(item, ("name", "namespace", "port"))
        name = values.optional(entries, "name", values.text, "")
        return Service(
            name=name,
            namespace=values.optional(entries, "namespace", values.text, ""),
            pods=values.optional(entries, "pods", values.count, 1),
            port=values.optional(entries, "port", values.port, 80),
            protocol=values.optional(entries, "protocol", self._protocol, Protocol.HTTP1),
            has_tls=values.optional(entries, "tls", values.flag, False),
            is_monitored=values.optional(entries, "monitored", values.flag, True),
            is_registered=values.optional(entries, "registered", values.flag, True),
            process=values.optional(entries, "process", values.text, name),
        )

    def _external(self, item: YamlNode) -> External:
        known = ("name", "network", "count", "port", "protocol", "tls")
        entries, values = self._report.mapping(item, known), self._values
        self._report.require(item, ("name", "network"))
        network = values.optional(entries, "network", values.network, "192.0.2.0/24")
        count = values.optional(entries, "count", values.count, 1)
        usable = max(ipaddress.ip_network(network).num_addresses - 2, 1)
        if count > usable:
            self._report.error(entries["count"], f"{network} has only {usable} usable addresses")
        return External(
            name=values.optional(entries, "name", values.text, ""),
            network=network,
            count=min(count, usable),
            port=values.optional(entries, "port", values.port, 443),
            protocol=values.optional(entries, "protocol", self._protocol, Protocol.TCP),
            has_tls=values.optional(entries, "tls", values.flag, False),
        )

    def _call(self, item: YamlNode, scenario: Scenario) -> Call:
        known = (
            *("from", "to", "rate", "latency", "statuses", "requests", "request_bytes", "response_bytes", "trace"),
            *("zipkin", "new_connections", "failed_connects", "cluster_ip", "late", "pool", "ztunnel"),
        )
        entries, values = self._report.mapping(item, known), self._values
        self._report.require(item, ("from", "to", "rate"))
        client, server = self._peer(entries, "from", scenario), self._peer(entries, "to", scenario)
        self._check_peers(item, entries, scenario, client, server)
        small, large = Distribution(400.0, 4_000.0), Distribution(1_500.0, 40_000.0)
        return Call(
            client=client,
            server=server,
            rate=values.optional(entries, "rate", values.positive, 1.0),
            latency_ms=values.distribution(entries, "latency", Distribution(20.0, 200.0), values.milliseconds),
            status_shares=self._statuses(entries),
            requests=self._requests(entries, _protocol_of(scenario, server)),
            request_bytes=values.distribution(entries, "request_bytes", small, values.positive),
            response_bytes=values.distribution(entries, "response_bytes", large, values.positive),
            trace_share=values.optional(entries, "trace", values.share, 0.0),
            zipkin_share=values.optional(entries, "zipkin", values.share, 0.0),
            new_connection_share=values.optional(entries, "new_connections", values.share, 0.05),
            failed_connect_share=values.optional(entries, "failed_connects", values.share, 0.0),
            cluster_ip_share=values.optional(entries, "cluster_ip", values.share, 0.0),
            late_share=values.optional(entries, "late", values.share, 0.0),
            pool=values.optional(entries, "pool", values.pool, 2),
            ztunnel=values.optional(entries, "ztunnel", lambda node: values.member(node, _ZTUNNEL), Ztunnel.NONE),
        )

    def _check_peers(self, item: YamlNode, entries: Entries, scenario: Scenario, client: str, server: str) -> None:
        externals = {external.name for external in scenario.externals}
        if client and client == server:
            self._report.error(entries["to"], f"'{server}' calls itself", "calls inside one service are not counted")
        elif {client, server} <= externals:
            self._report.error(item, "one side of a call must be a service of the cluster")

    def _requests(self, entries: Entries, protocol: Protocol) -> tuple[Request, ...]:
        items = self._values.items(entries, "requests")
        if items and protocol is Protocol.TCP:
            self._report.error_at_key(entries["requests"], "'requests' needs a server that speaks http1 or http2")
        return tuple(self._request(item, protocol) for item in items) or (Request(Method.GET, "/", 1.0),)

    def _request(self, item: YamlNode, protocol: Protocol) -> Request:
        entries, values = self._report.mapping(item, ("method", "path", "weight", "parameters")), self._values
        self._report.require(item, ("path",))
        path = values.optional(entries, "path", values.text, "/")
        if protocol is Protocol.HTTP1 and "?" in path:
            self._report.error(entries["path"], "Rover reports HTTP/1 paths without their query", "end the path at '?'")
        parameters = values.section(entries, "parameters", None)
        self._check_parameters(entries, path, parameters)
        return Request(
            method=values.optional(entries, "method", lambda node: values.member(node, _METHODS), Method.GET),
            path=path,
            weight=values.optional(entries, "weight", values.positive, 1.0),
            parameters=tuple((name, values.choices(node) or ("0",)) for name, node in parameters.items()),
        )

    def _check_parameters(self, entries: Entries, path: str, parameters: Entries) -> None:
        used = list(dict.fromkeys(_PARAMETER.findall(path)))
        for name in used:
            if name not in parameters:
                self._report.error(entries["path"], f"parameter '{name}' has no values", "add it to 'parameters'")
        for name, node in parameters.items():
            if name not in used:
                self._report.error_at_key(node, f"the path has no parameter '{name}'", near_match(name, used))

    def _statuses(self, entries: Entries) -> tuple[float, float, float, float, float]:
        values = self._values
        section = values.section(entries, "statuses", _STATUS_CLASSES)
        shares = [values.optional(section, key, values.share, 0.0) for key in _STATUS_CLASSES]
        if "2xx" not in section:
            shares[1] = max(0.0, 1.0 - sum(shares))
        if abs(sum(shares) - 1.0) > 1e-6:
            self._report.error(entries["statuses"], f"the shares add up to {sum(shares):g}, not to 1")
        return shares[0], shares[1], shares[2], shares[3], shares[4]

    def _malformed(self, entries: Entries) -> Malformed:
        values = self._values
        section = values.section(entries, "malformed", ("ratio", "kinds"))
        kinds = [values.member(node, MALFORMATIONS) for node in values.items(section, "kinds")]
        chosen = tuple(kind for kind in kinds if kind is not None)
        return Malformed(values.optional(section, "ratio", values.share, 0.0), chosen or tuple(Malformation))

    def _peer(self, entries: Entries, key: str, scenario: Scenario) -> str:
        name = self._values.optional(entries, key, self._values.text, "")
        if name and name not in _peers(scenario):
            self._report.error(entries[key], f"no service or external is '{name}'", near_match(name, _peers(scenario)))
        return name

    def _protocol(self, node: YamlNode) -> Protocol | None:
        return self._values.member(node, _PROTOCOLS)

    def _unique(self, items: Sequence[YamlNode], names: Sequence[str]) -> None:
        for position, (item, name) in enumerate(zip(items, names, strict=True)):
            if name and name in names[:position]:
                self._report.error(item, f"the name '{name}' occurs twice")


def _peers(scenario: Scenario) -> list[str]:
    return [*(service.full_name for service in scenario.services), *(other.name for other in scenario.externals)]


def _protocol_of(scenario: Scenario, name: str) -> Protocol:
    known = {service.full_name: service.protocol for service in scenario.services}
    known |= {external.name: external.protocol for external in scenario.externals}
    return known.get(name, Protocol.HTTP1)
