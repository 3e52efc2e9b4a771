"""Services and pods by IP address, with the matching rules of the Kubernetes look-up (spec entities 2)."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from oap.entity.addresses import ResolvedAddress


@dataclass(frozen=True, slots=True)
class KubernetesService:
    """What counts of a Service: its cluster and load balancer addresses, and the labels it selects pods by."""

    name: str
    namespace: str
    ips: tuple[str, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KubernetesPod:
    """What counts of a Pod; ``ip`` is "" before it has one."""

    name: str
    namespace: str
    ip: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


class AddressTable:
    """Answers look-ups. Entries stand under keys, and where several match the smallest key wins.

    Not safe for use by several threads.
    """

    def __init__(self) -> None:
        self._services: dict[str, KubernetesService] = {}
        self._pods: dict[str, KubernetesPod] = {}
        self._services_by_ip: dict[str, list[str]] = {}
        self._pods_by_ip: dict[str, list[str]] = {}
        self._selecting: dict[str, list[str]] = {}

    def put_service(self, key: str, service: KubernetesService) -> None:
        """Add a service, in place of the one under the same key."""
        self.remove_service(key)
        self._services[key] = service
        for ip in set(service.ips):
            insort(self._services_by_ip.setdefault(ip, []), key)
        if service.selector:
            insort(self._selecting.setdefault(service.namespace, []), key)

    def remove_service(self, key: str) -> None:
        """Remove a service if there is one under the key."""
        service = self._services.pop(key, None)
        if service is None:
            return
        for ip in set(service.ips):
            _drop(self._services_by_ip, ip, key)
        if service.selector:
            _drop(self._selecting, service.namespace, key)

    def put_pod(self, key: str, pod: KubernetesPod) -> None:
        """Add a pod, in place of the one under the same key."""
        self.remove_pod(key)
        self._pods[key] = pod
        if pod.ip:
            insort(self._pods_by_ip.setdefault(pod.ip, []), key)

    def remove_pod(self, key: str) -> None:
        """Remove a pod if there is one under the key."""
        pod = self._pods.pop(key, None)
        if pod is not None and pod.ip:
            _drop(self._pods_by_ip, pod.ip, key)

    def replace_services(self, services: Iterable[tuple[str, KubernetesService]]) -> None:
        """Forget all services and add these."""
        self._services, self._services_by_ip, self._selecting = {}, {}, {}
        for key, service in services:
            self.put_service(key, service)

    def replace_pods(self, pods: Iterable[tuple[str, KubernetesPod]]) -> None:
        """Forget all pods and add these."""
        self._pods, self._pods_by_ip = {}, {}
        for key, pod in pods:
            self.put_pod(key, pod)

    def resolve(self, host: str) -> ResolvedAddress | None:
        """Return the service that has the address, else the pod that has it and its service, else None.

        A hit among services wins and loses the pod. A pod that no service selects is unknown.
        """
        if not host:
            return None
        services = self._services_by_ip.get(host)
        if services:
            return ResolvedAddress(_full(self._services[services[0]]), "")
        pods = self._pods_by_ip.get(host)
        return self._resolve_pod(self._pods[pods[0]]) if pods else None

    def _resolve_pod(self, pod: KubernetesPod) -> ResolvedAddress | None:
        for key in self._selecting.get(pod.namespace, ()):
            service = self._services[key]
            if service.selector.items() <= pod.labels.items():
                return ResolvedAddress(_full(service), pod.name)
        return None


def _full(service: KubernetesService) -> str:
    return f"{service.name}.{service.namespace}"


def _drop(index: dict[str, list[str]], at: str, key: str) -> None:
    keys = index[at]
    del keys[bisect_left(keys, key)]
    if not keys:
        del index[at]
