"""Addresses from the Kubernetes API: Services and Pods of all namespaces, listed and watched (spec entities 2)."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from oap.entity.address_table import AddressTable, KubernetesPod, KubernetesService
from oap.entity.addresses import VALID_FOR_S, ResolvedAddress
from oap.entity.errors import EntityError, LookupFailed
from oap.entity.kubernetes_follower import Follower, FollowSettings, FollowStatus, Manifest, ManifestSource

_STOP_TIMEOUT_S = 5.0


class KubernetesRegistry:
    """Answers from memory what the API server told last; while it cannot be reached, that is what it told before.

    ``changed`` is called by background threads after every step. Nothing is asked before ``start``.
    """

    def __init__(
        self,
        services: ManifestSource,
        pods: ManifestSource,
        settings: FollowSettings | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        settings = settings or FollowSettings()
        self._table = AddressTable()
        self._lock = threading.Lock()
        self._followers = (
            Follower("services", services, _ServiceSink(self._table, self._lock), settings, changed),
            Follower("pods", pods, _PodSink(self._table, self._lock), settings, changed),
        )

    @property
    def valid_for_s(self) -> int:
        return VALID_FOR_S

    @property
    def version(self) -> int:
        # Pods come and go all the time in a large cluster. Telling of each would empty the callers' memory again and
        # again, so an answer simply ages, as upstream.
        return 0

    def start(self) -> None:
        """Begin to list and watch in background threads."""
        for follower in self._followers:
            follower.start()

    def stop(self) -> bool:
        """End the background threads; return whether they have ended within five seconds each."""
        ended = [follower.stop(_STOP_TIMEOUT_S) for follower in self._followers]
        return all(ended)

    def resolve(self, host: str) -> ResolvedAddress | None:
        if not host:
            return None
        missing = [follower.kind for follower in self._followers if not follower.is_listed]
        if missing:
            raise LookupFailed(f"the Kubernetes API has not listed {' and '.join(missing)} yet")
        with self._lock:
            return self._table.resolve(host)

    def status(self) -> tuple[FollowStatus, ...]:
        """Return counters and age of what is known, for services and for pods."""
        return tuple(follower.status() for follower in self._followers)


def open_registry(
    kubeconfig: Path | None, settings: FollowSettings | None = None, changed: Callable[[], None] = lambda: None
) -> KubernetesRegistry:
    """Return a registry, not yet started; without a kubeconfig as the service account of the own pod.

    Raises EntityError when the Kubernetes client is not installed or finds no configuration.
    """
    try:
        from oap.entity.kubernetes_api import connect  # noqa: PLC0415  (an optional and slow import)
    except ImportError as error:
        raise EntityError("addresses from the Kubernetes API need the extra oap[kubernetes]") from error
    return KubernetesRegistry(*connect(kubeconfig), settings, changed)


class _ServiceSink:
    def __init__(self, table: AddressTable, lock: threading.Lock) -> None:
        self._table = table
        self._lock = lock

    def replace(self, manifests: Sequence[Manifest]) -> None:
        entries = [(_key(manifest), _service(manifest)) for manifest in manifests]
        with self._lock:
            self._table.replace_services(entries)

    def put(self, manifest: Manifest) -> None:
        with self._lock:
            self._table.put_service(_key(manifest), _service(manifest))

    def remove(self, manifest: Manifest) -> None:
        with self._lock:
            self._table.remove_service(_key(manifest))


class _PodSink:
    def __init__(self, table: AddressTable, lock: threading.Lock) -> None:
        self._table = table
        self._lock = lock

    def replace(self, manifests: Sequence[Manifest]) -> None:
        entries = [(_key(manifest), _pod(manifest)) for manifest in manifests]
        with self._lock:
            self._table.replace_pods(entries)

    def put(self, manifest: Manifest) -> None:
        with self._lock:
            self._table.put_pod(_key(manifest), _pod(manifest))

    def remove(self, manifest: Manifest) -> None:
        with self._lock:
            self._table.remove_pod(_key(manifest))


def _key(manifest: Manifest) -> str:
    """``namespace/name``: the API lists objects in this order, so the first one listed has the least key."""
    metadata = _part(manifest, "metadata")
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _service(manifest: Manifest) -> KubernetesService:
    metadata, spec = _part(manifest, "metadata"), _part(manifest, "spec")
    ingress = _part(_part(manifest, "status"), "loadBalancer").get("ingress") or ()
    ips = [*(spec.get("clusterIPs") or ()), *(point["ip"] for point in ingress if point.get("ip"))]
    selector = _part(spec, "selector")
    return KubernetesService(metadata.get("name", ""), metadata.get("namespace", ""), tuple(ips), selector)


def _pod(manifest: Manifest) -> KubernetesPod:
    metadata = _part(manifest, "metadata")
    ip = _part(manifest, "status").get("podIP") or ""
    return KubernetesPod(metadata.get("name", ""), metadata.get("namespace", ""), ip, _part(metadata, "labels"))


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return of.get(name) or {}
