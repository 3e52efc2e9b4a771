"""The registry follows a real HTTP server that speaks the list and watch protocol."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kubernetes import client

from oap.entity.addresses import AddressRegistry, ResolvedAddress
from oap.entity.errors import EntityError, LookupFailed
from oap.entity.kubernetes_api import ApiSource
from oap.entity.kubernetes_follower import FollowSettings
from oap.entity.kubernetes_registry import KubernetesRegistry, open_registry
from tests.oap.entity.kubernetes_server import KubernetesServer, pod, service, serving

REVIEWS = ResolvedAddress("reviews.bookinfo", "")
REVIEWS_POD = ResolvedAddress("reviews.bookinfo", "reviews-v1-0")
LIMIT_S = 20


class Changes:
    """Lets a test wait for what a background thread will bring about."""

    def __init__(self) -> None:
        self._condition = threading.Condition()

    def __call__(self) -> None:
        with self._condition:
            self._condition.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        with self._condition:
            assert self._condition.wait_for(condition, LIMIT_S)


@pytest.fixture
def cluster() -> Iterator[KubernetesServer]:
    with serving() as server:
        server.apply("services", "ADDED", service("reviews", ["10.96.0.11"], {"app": "reviews"}, "203.0.113.7"))
        server.apply("services", "ADDED", service("external", ["10.96.0.12"]))
        server.apply("pods", "ADDED", pod("reviews-v1-0", "10.244.1.21", {"app": "reviews", "version": "v1"}))
        server.apply("pods", "ADDED", pod("orphan-0", "10.244.1.30", {"app": "orphan"}))
        server.apply("pods", "ADDED", pod("waiting-0", None))
        yield server


@contextmanager
def following(cluster: KubernetesServer, page_size: int = 500) -> Iterator[tuple[KubernetesRegistry, Changes]]:
    changes = Changes()
    settings = client.Configuration(host=cluster.url, retries=0)
    with client.ApiClient(settings) as http:
        api = client.CoreV1Api(http)
        calls = (api.list_service_for_all_namespaces, api.list_pod_for_all_namespaces)
        sources = [ApiSource(call, page_size=page_size) for call in calls]
        quick = FollowSettings(first_pause_s=0.001, longest_pause_s=0.01, jitter=lambda: 0.5)
        registry = KubernetesRegistry(sources[0], sources[1], quick, changes)
        registry.start()
        try:
            yield registry, changes
        finally:
            assert registry.stop()


def listed(registry: KubernetesRegistry) -> bool:
    return all(status.lists for status in registry.status())


def watching(cluster: KubernetesServer) -> None:
    with cluster.change:
        assert cluster.change.wait_for(lambda: min(cluster.watching.values()) > 0, LIMIT_S)


def test_first_list_answers_look_ups(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        assert [status.is_running for status in registry.status()] == [True, True]
        hosts = ("10.96.0.11", "203.0.113.7", "10.244.1.21", "10.244.1.30", "8.8.8.8", "")
        assert [registry.resolve(host) for host in hosts] == [REVIEWS, REVIEWS, REVIEWS_POD, None, None, None]


def test_long_lists_come_in_pages(cluster: KubernetesServer) -> None:
    with following(cluster, page_size=1) as (registry, changes):
        changes.until(lambda: listed(registry))
        assert registry.resolve("10.244.1.21") == REVIEWS_POD
        assert sorted(cluster.page_tokens) == ["1", "1", "2"]


def test_added_changed_and_deleted_objects_are_followed(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        cluster.apply("services", "ADDED", service("ratings", ["10.96.0.10"], {"app": "ratings"}))
        cluster.apply("pods", "ADDED", pod("ratings-v1-0", "10.244.1.20", {"app": "ratings"}))
        changes.until(lambda: registry.resolve("10.244.1.20") == ResolvedAddress("ratings.bookinfo", "ratings-v1-0"))
        cluster.apply("services", "MODIFIED", service("reviews", ["10.96.0.99"], {"app": "reviews"}))
        changes.until(lambda: registry.resolve("10.96.0.99") == REVIEWS)
        assert registry.resolve("10.96.0.11") is None
        cluster.apply("pods", "DELETED", pod("reviews-v1-0", "10.244.1.21"))
        cluster.apply("pods", "ADDED", pod("ratings-v1-1", "10.244.1.21", {"app": "ratings"}))
        changes.until(lambda: registry.resolve("10.244.1.21") == ResolvedAddress("ratings.bookinfo", "ratings-v1-1"))


def test_first_service_in_list_order_wins_whenever_it_was_added(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        cluster.apply("services", "ADDED", service("aaa", ["10.96.0.11"]))
        changes.until(lambda: registry.resolve("10.96.0.11") == ResolvedAddress("aaa.bookinfo", ""))


def test_expired_version_leads_to_a_new_list(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        watching(cluster)
        with cluster.change:
            del cluster.objects["services"]["reviews"]
            cluster.forget_history()
        changes.until(lambda: registry.resolve("10.96.0.11") is None)
        changes.until(lambda: all(status.expired == 1 and status.lists == 2 for status in registry.status()))
        assert [status.errors for status in registry.status()] == [0, 0]


def test_broken_watch_goes_on_where_it_broke(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        watching(cluster)
        cluster.apply("services", "BOOKMARK", {"metadata": {}})
        changes.until(lambda: registry.status()[0].events == 1)
        cluster.break_watches()
        cluster.apply("services", "ADDED", service("ratings", ["10.96.0.10"], {"app": "ratings"}))
        changes.until(lambda: registry.resolve("10.96.0.10") == ResolvedAddress("ratings.bookinfo", ""))
        services, _ = registry.status()
        assert (services.lists, services.expired) == (1, 0)
        assert cluster.watched_from["services"] == [6, 7]


def test_failing_api_is_asked_again_and_says_why(cluster: KubernetesServer) -> None:
    cluster.failing = True
    with following(cluster) as (registry, changes):
        changes.until(lambda: all(status.errors > 2 for status in registry.status()))
        assert all("500" in status.last_error for status in registry.status())
        with pytest.raises(LookupFailed, match="has not listed services and pods yet"):
            registry.resolve("10.96.0.11")
        cluster.failing = False
        changes.until(lambda: listed(registry))
        assert registry.resolve("10.96.0.11") == REVIEWS


def test_answer_that_is_no_json_is_an_error(cluster: KubernetesServer) -> None:
    cluster.garbage = True
    with following(cluster) as (registry, changes):
        changes.until(lambda: all(status.errors for status in registry.status()))
        cluster.garbage = False
        changes.until(lambda: listed(registry))


def test_what_was_known_is_answered_while_the_api_fails(cluster: KubernetesServer) -> None:
    with following(cluster) as (registry, changes):
        changes.until(lambda: listed(registry))
        watching(cluster)
        cluster.failing = True
        cluster.break_watches()
        changes.until(lambda: all(status.errors > 1 for status in registry.status()))
        assert registry.resolve("10.244.1.21") == REVIEWS_POD


def test_age_tells_how_long_the_api_has_been_silent(cluster: KubernetesServer) -> None:
    changes = Changes()
    times = iter([100.0, 107.5])
    settings = client.Configuration(host=cluster.url)
    with client.ApiClient(settings) as http:
        source = ApiSource(client.CoreV1Api(http).list_service_for_all_namespaces)
        registry = KubernetesRegistry(source, source, FollowSettings(clock=lambda: next(times)), changes)
        assert [status.age_s for status in registry.status()] == [None, None]
        follower = registry._followers[0]
        follower.start()
        changes.until(lambda: follower.is_listed)
        assert follower.status().age_s == 7.5
        assert follower.stop(5)


def test_look_up_before_the_first_list_fails_except_for_the_empty_host(cluster: KubernetesServer) -> None:
    with client.ApiClient(client.Configuration(host=cluster.url)) as http:
        source = ApiSource(client.CoreV1Api(http).list_pod_for_all_namespaces)
        registry: AddressRegistry = KubernetesRegistry(source, source)
    with pytest.raises(LookupFailed):
        registry.resolve("10.96.0.11")
    assert registry.resolve("") is None
    assert (registry.valid_for_s, registry.version) == (180, 0)


def test_kubeconfig_names_the_server(cluster: KubernetesServer, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(f"""
current-context: c
contexts: [{{name: c, context: {{cluster: k, user: u}}}}]
clusters: [{{name: k, cluster: {{server: "{cluster.url}"}}}}]
users: [{{name: u, user: {{}}}}]
""")
    changes = Changes()
    registry = open_registry(kubeconfig, changed=changes)
    registry.start()
    changes.until(lambda: listed(registry))
    assert registry.resolve("10.96.0.11") == REVIEWS
    assert registry.stop()


def test_missing_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(EntityError, match="no access to the Kubernetes API"):
        open_registry(tmp_path / "none")
    with pytest.raises(EntityError, match="no access to the Kubernetes API"):
        open_registry(None)


def test_missing_client_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "oap.entity.kubernetes_api")
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(EntityError, match=r"need the extra oap\[kubernetes\]"):
        open_registry(None)
