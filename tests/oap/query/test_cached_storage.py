"""What is remembered for how long, and what makes it forgotten."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from oap.query.cached_storage import CachedStorage
from oap.query.services import KnownServices
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceTraffic,
    ServiceTraffic,
    StorageUnavailable,
    Template,
)
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from tests.clock import HandClock

MINUTE = 202601011200


@pytest.fixture
def clock() -> HandClock:
    return HandClock("12:00:00")


@pytest.fixture
def store() -> Iterator[DuckdbStorage]:
    storage = DuckdbStorage(StorageSettings(":memory:", threads=1))
    yield storage
    storage.close()


def _pod(name: str) -> InstanceTraffic:
    return InstanceTraffic(name, "shop", name, MINUTE, MINUTE)


def _endpoint(name: str) -> EndpointTraffic:
    return EndpointTraffic(name, "shop", name, MINUTE, MINUTE)


def test_services_are_at_most_ten_seconds_old(store: DuckdbStorage, clock: HandClock) -> None:
    known = KnownServices(store, clock)
    assert known.all() == ()
    store.write(HandOver(services=[ServiceTraffic("c2hvcA==.1", "shop", 17, MINUTE)]))
    clock.advance(9.9)
    assert known.all() == ()
    clock.advance(0.2)
    assert [service.name for service in known.all()] == ["shop"]


def test_instances_and_endpoints_are_at_most_ten_seconds_old(store: DuckdbStorage, clock: HandClock) -> None:
    cached = CachedStorage(store, clock)

    def names() -> tuple[list[str], list[str]]:
        pods, paths = cached.instances("shop", MINUTE, MINUTE), cached.endpoints("shop", "", 9)
        return [pod.name for pod in pods], [path.name for path in paths]

    store.write(HandOver(instances=[_pod("a")], endpoints=[_endpoint("/a")]))
    assert names() == (["a"], ["/a"])
    store.write(HandOver(instances=[_pod("b")], endpoints=[_endpoint("/b")]))
    clock.advance(9.9)
    assert names() == (["a"], ["/a"])
    clock.advance(0.2)
    assert names() == (["a", "b"], ["/a", "/b"])


def test_lists_have_what_was_stored_here_at_once(store: DuckdbStorage, clock: HandClock) -> None:
    timed = TimedStorage(store)
    known = KnownServices(timed, clock, lambda: timed.written)
    cached = CachedStorage(timed, clock, lambda: timed.written)
    assert (known.all(), cached.instances("shop", MINUTE, MINUTE), cached.endpoints("shop", "", 9)) == ((), [], [])
    service = ServiceTraffic("c2hvcA==.1", "shop", 17, MINUTE)
    timed.write(HandOver(services=[service], instances=[_pod("a")], endpoints=[_endpoint("/a")]))
    assert [one.name for one in known.all()] == ["shop"]
    assert cached.instances("shop", MINUTE, MINUTE) == [_pod("a")]
    assert cached.endpoints("shop", "", 9) == [_endpoint("/a")]


def test_lists_of_other_arguments_are_others(store: DuckdbStorage, clock: HandClock) -> None:
    cached = CachedStorage(store, clock)
    store.write(HandOver(instances=[_pod("a")], endpoints=[_endpoint("/a"), _endpoint("/b")]))
    assert [len(cached.instances("shop", first, MINUTE + 9)) for first in (MINUTE, MINUTE + 1)] == [1, 0]
    assert [len(cached.endpoints("shop", "", limit)) for limit in (1, 2)] == [1, 2]
    assert [len(cached.endpoints("shop", word, 9, (MINUTE, MINUTE))) for word in ("a", "/", "c")] == [1, 2, 0]


def test_saving_a_template_is_seen_at_once_and_another_servers_after_ten_seconds(
    store: DuckdbStorage, clock: HandClock
) -> None:
    cached = CachedStorage(store, clock)

    def ids() -> list[list[str]]:
        lists = (cached.templates(), cached.templates(include_disabled=True))
        return [[template.template_id for template in found] for found in lists]

    assert ids() == [[], []]
    cached.save_template(Template("ours", "{}", 1))
    assert ids() == [["ours"], ["ours"]]
    store.save_template(Template("theirs", "{}", 1, disabled=True))
    assert ids() == [["ours"], ["ours"]]
    clock.advance(10.1)
    assert ids() == [["ours"], ["ours", "theirs"]]
    cached.save_template(Template("ours", "{}", 2, disabled=True))
    assert ids() == [[], ["ours", "theirs"]]


class _Failing(DuckdbStorage):
    """A real store that is away for the first read."""

    is_away = True

    def services(self) -> list[ServiceTraffic]:
        if self.is_away:
            self.is_away = False
            raise StorageUnavailable("away")
        return list(super().services())


def test_a_failure_is_not_remembered(clock: HandClock) -> None:
    storage = _Failing(StorageSettings(":memory:", threads=1))
    known = KnownServices(storage, clock)
    with pytest.raises(StorageUnavailable):
        known.all()
    assert known.all() == ()
    storage.close()


class _Counting(DuckdbStorage):
    """A real store that counts how often services are read."""

    count = 0

    def services(self) -> list[ServiceTraffic]:
        self.count += 1
        return list(super().services())


def test_threads_that_want_one_list_read_it_once(clock: HandClock) -> None:
    storage = _Counting(StorageSettings(":memory:", threads=1))
    known, together = KnownServices(storage, clock), Barrier(8)

    def ask(_: int) -> int:
        together.wait(30)
        return len(known.all())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [0] * 8
    assert storage.count == 1
    storage.close()
