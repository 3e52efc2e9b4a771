"""Where a scenario's pods run and which addresses everything has: all derived from the scenario, nothing drawn."""

import hashlib
import ipaddress
from dataclasses import dataclass

from oap.emulator.scenario import External, Protocol, Scenario, Service

_HASH_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_PODS_PER_NODE_NETWORK = 250


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of connections: a pod, or a machine outside the cluster.

    ``node`` is the index of the node a pod runs on; -1 means outside. ``pod`` and ``process`` are "" outside.
    """

    service: str
    ip: str
    node: int
    is_monitored: bool
    pod: str = ""
    container: str = ""
    process: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """What a call names: a Service with its pods, or an external with its machines."""

    name: str
    host: str
    cluster_ip: str
    port: int
    protocol: Protocol
    has_tls: bool
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scenario's peers by the name that calls use."""

    scenario: Scenario
    peers: dict[str, Peer]

    def pods_of(self, node: int) -> list[Endpoint]:
        """Monitored pods of a node, in the order of the scenario."""
        ends = [end for peer in self.peers.values() for end in peer.endpoints]
        return [end for end in ends if end.node == node and end.is_monitored]


def place(scenario: Scenario) -> Cluster:
    """Give every pod a node, a name and an address.

    The pods of a Service go round robin over the nodes; each Service starts one node later than the one before.
    """
    used = [0] * len(scenario.nodes)
    peers = {}
    for number, service in enumerate(scenario.services):
        peers[service.full_name] = _service_peer(scenario, service, number, used)
    for external in scenario.externals:
        peers[external.name] = _external_peer(external)
    return Cluster(scenario, peers)


def registry(scenario: Scenario) -> dict[str, list[dict[str, object]]]:
    """Return what a static registry must know to resolve the scenario's addresses: ``services`` and ``pods``.

    Services have name, namespace, clusterIPs and selector; pods have name, namespace, ip and labels. Services that the
    scenario calls not registered, and externals, are left out.
    """
    cluster = place(scenario)
    services: list[dict[str, object]] = []
    pods: list[dict[str, object]] = []
    for service in scenario.services:
        if not service.is_registered:
            continue
        peer = cluster.peers[service.full_name]
        place_of = {"namespace": service.namespace}
        selector = {"app": service.name}
        services.append({"name": service.name, **place_of, "clusterIPs": [peer.cluster_ip], "selector": selector})
        pods += [
            {"name": end.pod, **place_of, "ip": end.ip, "labels": {"app": service.name, "version": "v1"}}
            for end in peer.endpoints
        ]
    return {"services": services, "pods": pods}


def _service_peer(scenario: Scenario, service: Service, number: int, used: list[int]) -> Peer:
    prefix = f"{scenario.cluster}::" if scenario.cluster else ""
    is_monitored = service.is_monitored and service.namespace not in scenario.exclude_namespaces
    ends = []
    for pod in range(service.pods):
        node = (number + pod) % len(scenario.nodes)
        used[node] += 1
        ends.append(
            Endpoint(
                service=prefix + service.full_name,
                ip=_pod_ip(node, used[node]),
                node=node,
                is_monitored=is_monitored,
                pod=_pod_name(service, pod),
                container=service.name,
                process=service.process,
            )
        )
    return Peer(
        name=service.full_name,
        host=f"{service.name}:{service.port}",
        cluster_ip=f"10.96.{(number + 10) // 250}.{(number + 10) % 250}",
        port=service.port,
        protocol=service.protocol,
        has_tls=service.has_tls,
        endpoints=tuple(ends),
    )


def _external_peer(external: External) -> Peer:
    network = ipaddress.ip_network(external.network)
    first = network[min(1, network.num_addresses - 1)]
    ends = tuple(
        Endpoint(service="", ip=str(first + number), node=-1, is_monitored=False) for number in range(external.count)
    )
    host = f"{external.name}:{external.port}"
    return Peer(external.name, host, "", external.port, external.protocol, external.has_tls, ends)


def _pod_ip(node: int, number: int) -> str:
    return (
        f"10.{244 + node // 256}.{node % 256}.{number}"
        if number <= _PODS_PER_NODE_NETWORK
        else _overflow_ip(node, number)
    )


def _overflow_ip(node: int, number: int) -> str:
    """Address of a pod beyond the node's first network: from 10.128.0.0 on, 16 further networks per node."""
    beyond = number - _PODS_PER_NODE_NETWORK - 1
    return f"10.{128 + node // 16}.{node % 16 * 16 + beyond // 250}.{beyond % 250 + 1}"


def _pod_name(service: Service, number: int) -> str:
    replica_set = _letters(f"{service.full_name}", 9)
    return f"{service.name}-v1-{replica_set}-{_letters(f'{service.full_name}/{number}', 5)}"


def _letters(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_HASH_LETTERS[byte % len(_HASH_LETTERS)] for byte in digest[:length])
