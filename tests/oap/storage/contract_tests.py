"""What every storage backend must do: its test module subclasses ``StorageContract`` and overrides ``opener``."""

import threading
from collections.abc import Callable, Iterator

import pytest

from oal.functions.contract import Merge, StateColumn, Store
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
    StorageError,
    Template,
)
from tests.oap.storage.metric_contract import MetricContract
from tests.oap.storage.samples import (
    CPM,
    DAY,
    HEATMAP,
    MINUTE,
    MODELS,
    SERVICE_CPM,
    cpm,
    plain,
    records,
    rows,
    series,
    tables,
)
from tests.oap.storage.traffic_contract import TrafficContract

Opener = Callable[[], Storage]


class OpenStore:
    """The store under test; ``reopen`` closes it and opens another one on the same data."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self.storage = opener()
        self.storage.prepare(MODELS)

    def reopen(self) -> Storage:
        self.storage.close()
        self.storage = self._opener()
        return self.storage


class StorageContract(MetricContract, TrafficContract):
    """The contract, written as tests."""

    @pytest.fixture
    def opener(self) -> Opener:
        """A function that opens the same store, empty the first time, each time it is called."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opener: Opener) -> Iterator[OpenStore]:
        opened = OpenStore(opener)
        yield opened
        opened.storage.close()

    @pytest.fixture
    def storage(self, store: OpenStore) -> Storage:
        return store.storage

    def test_a_new_metric_joins_and_old_rows_stay(self, storage: Storage) -> None:
        errors = MetricModel("pod_errors", CPM.scope, CPM.category, "cpm", CPM.columns, "value", CPM.value_kind, True)
        storage.write(rows(MINUTE, ["a", "b"], cpm(1, 2)))
        storage.prepare((CPM, errors))
        storage.write(rows(MINUTE, ["b"], cpm(7, metric=errors)))
        assert plain(storage.load_metrics((CPM, errors), MINUTE))[4:] == (
            ("pod_cpm", [True, True], {"value": [1, 2], "total": [1, 2]}),
            ("pod_errors", [False, True], {"value": [0, 7], "total": [0, 7]}),
        )

    def test_preparing_twice_is_harmless(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a"], cpm(1)))
        storage.prepare(MODELS)
        assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}

    def test_a_column_of_another_type_is_refused(self, storage: Storage) -> None:
        value = StateColumn("value", Store.DOUBLE, Merge.NONE)
        changed = MetricModel("pod_cpm", CPM.scope, CPM.category, "other", (value,), "value", CPM.value_kind, True)
        with pytest.raises(StorageError, match=r"'pod_cpm\.value'.*'other'"):
            storage.prepare((changed,))
        storage.write(rows(MINUTE, ["a"], cpm(1)))
        assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}

    def test_everything_survives_a_restart(self, store: OpenStore) -> None:
        written = rows(MINUTE, ["a", "b"], cpm(3, 4), records(HEATMAP, {"dataset": tables([{1: 1}, {2: 2}])}))
        pod = InstanceTraffic("a", "shop", "pod-a", MINUTE, MINUTE)
        edge = ServiceRelationRow(MINUTE, True, "shop-cart", "shop", "cart", (49,))
        store.storage.write(HandOver(metrics=written.metrics, instances=[pod], service_relations=[edge]))
        store.storage.save_template(Template("t", "{}", 1))
        again = store.reopen()
        again.prepare(MODELS)
        again.write(rows(MINUTE, ["b"], cpm(40)))
        assert plain(again.load_metrics((CPM, HEATMAP), MINUTE))[4:] == (
            ("pod_cpm", [True, True], {"value": [3, 40], "total": [3, 40]}),
            ("pod_heatmap", [True, True], {"dataset": [[(1, 1)], [(2, 2)]]}),
        )
        assert again.instance("a") == pod
        assert list(again.service_relations(MINUTE, MINUTE)) == [edge]
        assert list(again.templates()) == [Template("t", "{}", 1)]

    def test_rows_before_a_day_are_deleted_in_all_precisions(self, storage: Storage) -> None:
        for bucket in (202506102359, 202506110000, 2025061023, 2025061100, 20250610, 20250611):
            storage.write(rows(bucket, ["a"], cpm(1)))
            edge = ServiceRelationRow(bucket, True, "a-b", "a", "b", (49,))
            pods = InstanceRelationRow(bucket, True, "a1-b1", "a", "a1", "b", "b1")
            storage.write(HandOver(service_relations=[edge], instance_relations=[pods]))
        assert storage.delete_before(DAY) == 9
        ranges = ((202506010000, 202506302359), (2025060100, 2025063023), (20250601, 20250630))
        for (first, last), kept in zip(ranges, (202506110000, 2025061100, 20250611), strict=True):
            assert list(series(storage, CPM, "a", first, last)) == [kept]
            assert [edge.bucket for edge in storage.service_relations(first, last)] == [kept]
            assert [edge.bucket for edge in storage.instance_relations(first, last, "a", "b")] == [kept]
        assert storage.delete_before(DAY) == 0

    def test_traffic_that_fell_silent_is_deleted(self, storage: Storage) -> None:
        before, first, after = 202506090000, 202506102359, 202506110000
        silent, alive = InstanceTraffic("1", "s", "a", before, first), InstanceTraffic("2", "s", "b", before, after)
        gone, found = EndpointTraffic("1", "s", "a", before, first), EndpointTraffic("2", "s", "b", before, after)
        storage.write(HandOver(instances=[silent, alive], endpoints=[gone, found]))
        assert storage.delete_before(DAY) == 2
        assert list(storage.instances("s", before, after)) == [alive]
        assert list(storage.endpoints("s", "", 9)) == [found]

    def test_a_service_stays_while_anything_of_it_does(self, storage: Storage) -> None:
        old, now = 202506090000, 202506110000
        names = ("silent", "new", "pod", "endpoint", "metric", "pod-metric")
        storage.write(
            HandOver(
                services=[ServiceTraffic(name, name, 17, now if name == "new" else old) for name in names],
                instances=[InstanceTraffic("p", "pod", "p", old, now)],
                endpoints=[EndpointTraffic("e", "endpoint", "e", old, now)],
                metrics=[
                    *rows(2025061100, ["metric"], cpm(1, metric=SERVICE_CPM)).metrics,
                    *rows(DAY, ["i"], cpm(1), service_ids=["pod-metric"]).metrics,
                ],
            )
        )
        assert storage.delete_before(DAY) == 1
        assert [service.name for service in storage.services()] == ["endpoint", "metric", "new", "pod", "pod-metric"]

    def test_readers_see_whole_hand_overs_while_others_write(self, storage: Storage) -> None:
        done = threading.Event()
        torn: list[tuple[object, ...]] = []
        first_read = threading.Barrier(3)

        def read() -> None:
            first_read.wait()
            while not done.is_set():
                found = storage.load_metrics((CPM,), MINUTE)
                seen = () if found is None else plain(found)[4:]
                total = {name: sum(map(int, column)) for name, column in seen[0][2].items()} if seen else {}  # type: ignore[index]
                if total and total["value"] % 50:
                    torn.append(seen)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        first_read.wait()
        for value in range(1, 11):
            storage.write(rows(MINUTE, [f"pod-{i}" for i in range(50)], cpm(*[value] * 50)))
        done.set()
        for reader in readers:
            reader.join()
        assert torn == []
        assert series(storage, CPM, "pod-7", MINUTE, MINUTE) == {MINUTE: 10}

    def test_several_writers_do_not_lose_rows(self, storage: Storage) -> None:
        def write(name: str) -> None:
            for minute in range(5):
                storage.write(rows(MINUTE + minute, [name], cpm(minute)))

        writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        for name in ("a", "b", "c"):
            assert series(storage, CPM, name, MINUTE, MINUTE + 4) == {MINUTE + minute: minute for minute in range(5)}
