"""Addresses from a file: for tests, simulated clusters and networks without Kubernetes."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from oap.config.yaml_source import YamlNode, YamlReport, parse, read_text
from oap.entity.address_table import AddressTable, KubernetesPod, KubernetesService
from oap.entity.addresses import VALID_FOR_S, ResolvedAddress

_SERVICE_KEYS = ("name", "namespace", "clusterIPs", "loadBalancerIPs", "selector")
_POD_KEYS = ("name", "namespace", "ip", "labels")


class StaticRegistry:
    """Answers from a YAML file; where several entries match, the first in the file wins.

    The table is replaced as a whole, so look-ups never see half of a reload.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table = load_address_table(path)
        self._version = 0

    @property
    def valid_for_s(self) -> int:
        return VALID_FOR_S

    @property
    def version(self) -> int:
        return self._version

    def resolve(self, host: str) -> ResolvedAddress | None:
        return self._table.resolve(host)

    def reload(self) -> None:
        """Read the file again. ConfigError with all problems when it is wrong; the old table stays then."""
        self._table = load_address_table(self._path)
        self._version += 1


def load_address_table(path: Path) -> AddressTable:
    """Read the file; ConfigError also when it cannot be read."""
    return parse_address_table(read_text(path), str(path))


def parse_address_table(text: str, file: str) -> AddressTable:
    """Read lists of ``services`` and ``pods``; ConfigError with all problems."""
    root, report = parse(text, file)
    reader = _Reader(report)
    keys = report.mapping(root, ("services", "pods"))
    table = AddressTable()
    for order, node in enumerate(report.sequence(keys["services"]) if "services" in keys else ()):
        service = reader.service(node)
        if service is not None:
            table.put_service(f"{order:09d}", service)
    for order, node in enumerate(report.sequence(keys["pods"]) if "pods" in keys else ()):
        pod = reader.pod(node)
        if pod is not None:
            table.put_pod(f"{order:09d}", pod)
    report.raise_findings()
    return table


class _Reader:
    """Reads entries and remembers their names, to find the same one twice."""

    def __init__(self, report: YamlReport) -> None:
        self._report = report
        self._seen: set[tuple[str, str, str]] = set()

    def service(self, node: YamlNode) -> KubernetesService | None:
        named = self._named(node, _SERVICE_KEYS, "service")
        if named is None:
            return None
        name, namespace, keys = named
        ips = [ip for key in ("clusterIPs", "loadBalancerIPs") for ip in self._ips(keys, key)]
        return KubernetesService(name, namespace, tuple(ips), self._labels(keys, "selector"))

    def pod(self, node: YamlNode) -> KubernetesPod | None:
        named = self._named(node, _POD_KEYS, "pod")
        if named is None:
            return None
        name, namespace, keys = named
        ip = self._ip(keys["ip"]) if "ip" in keys else None
        return KubernetesPod(name, namespace, ip or "", self._labels(keys, "labels"))

    def _named(
        self, node: YamlNode, known: tuple[str, ...], kind: str
    ) -> tuple[str, str, Mapping[str, YamlNode]] | None:
        keys = self._report.mapping(node, known)
        if not isinstance(node.value, Mapping):
            if node.value is None:
                self._report.error(node, f"'{node.path}' is empty")
            return None
        if not self._report.require(node, ("name", "namespace")):
            return None
        name, namespace = self._report.string(keys["name"]), self._report.string(keys["namespace"])
        if name is None or namespace is None:
            return None
        if (kind, namespace, name) in self._seen:
            self._report.error(keys["name"], f"{kind} '{name}' of namespace '{namespace}' is listed twice")
        self._seen.add((kind, namespace, name))
        return name, namespace, keys

    def _ips(self, keys: Mapping[str, YamlNode], key: str) -> list[str]:
        nodes = self._report.sequence(keys[key]) if key in keys else ()
        return [ip for ip in map(self._ip, nodes) if ip is not None]

    def _ip(self, node: YamlNode) -> str | None:
        text = self._report.string(node)
        if text is None:
            return None
        try:
            # Look-ups compare texts, so 10.0.0.01 or an upper-case IPv6 address would never be found.
            canonical = str(ipaddress.ip_address(text))
        except ValueError:
            self._report.error(node, f"'{text}' is no IP address")
            return None
        if canonical != text:
            self._report.error(node, f"'{text}' is not how this IP address is sent", f"write {canonical}")
        return text

    def _labels(self, keys: Mapping[str, YamlNode], key: str) -> dict[str, str]:
        entries = self._report.mapping(keys[key]) if key in keys else {}
        return {label: self._label(node) for label, node in entries.items()}

    def _label(self, node: YamlNode) -> str:
        # Unlike a name, a label's value may be empty.
        return "" if node.value == "" else self._report.string(node) or ""
