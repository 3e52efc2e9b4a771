"""What every storage backend must do: its test module subclasses ``StorageContract`` and overrides ``opener``."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
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
    TopEntity,
)
from tests.oap.storage.samples import (
    CPM,
    DAY,
    EDGE_CPM,
    HEATMAP,
    HOUR,
    LEAST,
    LOAD,
    MINUTE,
    MODELS,
    PERCENTILE,
    SERVICE_CPM,
    STATUS,
    TIME,
    Cells,
    cpm,
    plain,
    records,
    rows,
    tables,
)

BIGGEST = 9223372036854775807

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


class StorageContract:
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

    # Metric records

    def test_every_kind_of_column_is_loaded_as_it_was_written(self, storage: Storage) -> None:
        written = rows(
            MINUTE,
            ["a", "b"],
            records(TIME, {"summation": [70, 9], "count": [7, 2], "value": [10, 4]}),
            records(LOAD, {"double_summation": [0.75, -3.5], "count": [3, 2], "double_value": [0.25, -1.75]}),
            records(
                PERCENTILE,
                {
                    "datatable_value": tables([{"{p=50}": 10, "{p=99}": 120}, {"{p=50}": 0, "{p=99}": 0}]),
                    "precision": [10, 10],
                    "dataset": tables([{0: 20, 1: 60, 12: 2}, {0: 1}]),
                },
            ),
            records(HEATMAP, {"dataset": tables([{0: 0, 100: 5}, {0: 1, 100: 0}])}),
            records(
                STATUS,
                {
                    "dataset": tables([{"200": 3, "404": 1}, {"404": 2}]),
                    "datatable_value": tables([{"{n=200}": 3, "{n=404}": 1}, {"{n=404}": 2}]),
                },
            ),
            service_ids=["shop", "cart"],
        )
        storage.write(written)
        found = storage.load_metrics((TIME, LOAD, PERCENTILE, HEATMAP, STATUS), MINUTE)
        assert plain(found) == plain(written.metrics[0])

    def test_labels_that_look_like_numbers_stay_labels(self, storage: Storage) -> None:
        columns: Cells = {"dataset": tables([{"404": 2}]), "datatable_value": tables([{"{n=404}": 2}])}
        storage.write(rows(MINUTE, ["a"], records(STATUS, columns)))
        found = storage.load_metrics((STATUS,), MINUTE)
        assert found is not None
        dataset = found.metrics[0].columns["dataset"]
        assert not isinstance(dataset, np.ndarray)
        assert dataset.labels == ("404",)

    def test_loaded_numbers_can_be_added_to(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a"], cpm(3)))
        found = storage.load_metrics((CPM,), MINUTE)
        assert found is not None
        total = found.metrics[0].columns["total"]
        assert isinstance(total, np.ndarray)
        total += 4
        assert total.tolist() == [7]

    def test_empty_tables_are_kept(self, storage: Storage) -> None:
        columns: Cells = {"datatable_value": tables([{}]), "precision": [10], "dataset": tables([{}])}
        storage.write(rows(MINUTE, ["a"], records(PERCENTILE, columns)))
        columns_found = {"datatable_value": [[]], "precision": [10], "dataset": [[]]}
        found = plain(storage.load_metrics((PERCENTILE,), MINUTE))
        assert found[4] == ("pod_percentile", [True], columns_found)
        assert storage.labeled_series(PERCENTILE, "a", MINUTE, MINUTE) == {MINUTE: {}}

    def test_absent_records_are_marked_and_hold_nothing(self, storage: Storage) -> None:
        heat = records(HEATMAP, {"dataset": tables([{1: 1}, {2: 2}])}, [False, True])
        storage.write(rows(MINUTE, ["a", "b"], cpm(3, 4, present=[True, False]), heat))
        assert plain(storage.load_metrics((CPM, HEATMAP), MINUTE))[4:] == (
            ("pod_cpm", [True, False], {"value": [3, 0], "total": [3, 0]}),
            ("pod_heatmap", [False, True], {"dataset": [[], [(2, 2)]]}),
        )

    def test_load_leaves_out_entities_without_a_record_of_the_metrics(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b"], cpm(3, 4, present=[True, False]), records(LEAST, {"value": [1, 2]})))
        found = storage.load_metrics((CPM,), MINUTE)
        assert found is not None
        assert list(found.entity_ids) == ["a"]

    def test_handing_over_again_changes_nothing(self, storage: Storage) -> None:
        written = rows(MINUTE, ["a", "b"], cpm(3, 4))
        storage.write(written)
        storage.write(written)
        assert plain(storage.load_metrics((CPM,), MINUTE)) == plain(written.metrics[0])
        assert storage.top_n(CPM, MINUTE, MINUTE, 9, descending=True) == [TopEntity("b", 4), TopEntity("a", 3)]

    def test_grown_totals_replace_the_stored_ones_and_new_entities_join(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b"], cpm(3, 4)))
        storage.write(rows(MINUTE, ["b", "c"], cpm(40, 50), service_ids=["shop", "cart"]))
        found = plain(storage.load_metrics((CPM,), MINUTE))
        assert found[2:] == (
            ["a", "b", "c"],
            ["shop", "shop", "cart"],
            ("pod_cpm", [True, True, True], {"value": [3, 40, 50], "total": [3, 40, 50]}),
        )

    def test_metrics_that_are_not_handed_over_are_kept(self, storage: Storage) -> None:
        heat = records(HEATMAP, {"dataset": tables([{1: 1}, {2: 2}])})
        storage.write(rows(MINUTE, ["a", "b"], cpm(3, 4), heat))
        storage.write(rows(MINUTE, ["a", "b"], cpm(30, 99, present=[True, False])))
        storage.write(rows(MINUTE, ["a"], records(LEAST, {"value": [1]})))
        assert plain(storage.load_metrics((CPM, HEATMAP, LEAST), MINUTE))[4:] == (
            ("pod_cpm", [True, True], {"value": [30, 4], "total": [30, 4]}),
            ("pod_heatmap", [True, True], {"dataset": [[(1, 1)], [(2, 2)]]}),
            ("pod_least", [True, False], {"value": [1, 0]}),
        )

    def test_all_absent_metrics_write_nothing(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a"], cpm(3, present=[False])))
        assert storage.load_metrics((CPM,), MINUTE) is None

    def test_minutes_hours_and_days_are_kept_apart(self, storage: Storage) -> None:
        for bucket, value in ((MINUTE, 1), (MINUTE + 1, 2), (HOUR, 60), (DAY, 1440)):
            storage.write(rows(bucket, ["a"], cpm(value)))
        assert storage.series(CPM, "a", 202506110000, 202506112359) == {MINUTE: 1, MINUTE + 1: 2}
        assert storage.series(CPM, "a", 2025061100, 2025061123) == {HOUR: 60}
        assert storage.series(CPM, "a", 20250601, 20250630) == {DAY: 1440}

    def test_several_scopes_and_buckets_go_in_one_hand_over(self, storage: Storage) -> None:
        parts = (
            rows(MINUTE, ["a"], cpm(1)),
            rows(MINUTE, ["shop"], cpm(2, metric=SERVICE_CPM)),
            rows(HOUR, ["shop-cart"], cpm(3, metric=EDGE_CPM)),
        )
        storage.write(HandOver(metrics=[part.metrics[0] for part in parts]))
        for part, metric in zip(parts, (CPM, SERVICE_CPM, EDGE_CPM), strict=True):
            found = storage.load_metrics((metric,), part.metrics[0].bucket)
            assert plain(found) == plain(part.metrics[0])

    def test_extreme_and_negative_integers_survive(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b", "c"], records(LEAST, {"value": [BIGGEST, -BIGGEST - 1, -5]})))
        found = plain(storage.load_metrics((LEAST,), MINUTE))
        assert found[4] == ("pod_least", [True] * 3, {"value": [BIGGEST, -BIGGEST - 1, -5]})
        assert storage.series(LEAST, "a", MINUTE, MINUTE) == {MINUTE: BIGGEST}

    def test_names_are_not_restricted_to_ascii(self, storage: Storage) -> None:
        names = ["größe'\"\\", "订单|服务", "😀%_", ""]
        storage.write(rows(MINUTE, names, cpm(1, 2, 3, 4)))
        assert [storage.series(CPM, name, MINUTE, MINUTE) for name in names] == [{MINUTE: n} for n in (1, 2, 3, 4)]

    def test_ids_that_differ_in_case_are_different(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["QQ==.1", "qq==.1"], cpm(1, 2)))
        assert storage.series(CPM, "qq==.1", MINUTE, MINUTE) == {MINUTE: 2}

    def test_a_metric_that_was_not_prepared_is_refused_and_nothing_is_written(self, storage: Storage) -> None:
        unknown = MetricModel("other", CPM.scope, CPM.category, "cpm", CPM.columns, "value", CPM.value_kind, True)
        parts = [rows(MINUTE, ["a"], cpm(1)).metrics[0], rows(MINUTE, ["a"], cpm(1, metric=unknown)).metrics[0]]
        with pytest.raises(StorageError, match="'other' was not prepared"):
            storage.write(HandOver(metrics=parts))
        assert storage.load_metrics((CPM,), MINUTE) is None

    # Series

    def test_series_holds_the_stored_buckets_of_the_range_in_order(self, storage: Storage) -> None:
        for minute, value in ((3, 30), (0, 5), (1, 6), (2, 7), (4, 50)):
            storage.write(rows(MINUTE + minute, ["a"], cpm(value)))
        storage.write(rows(MINUTE + 2, ["b"], cpm(99)))
        found = storage.series(CPM, "a", MINUTE + 1, MINUTE + 3)
        assert list(found.items()) == [(MINUTE + 1, 6), (MINUTE + 2, 7), (MINUTE + 3, 30)]

    def test_series_of_a_floating_point_metric_has_fractions(self, storage: Storage) -> None:
        columns: Cells = {"double_summation": [0.75], "count": [3], "double_value": [0.25]}
        storage.write(rows(MINUTE, ["a"], records(LOAD, columns)))
        assert storage.series(LOAD, "a", MINUTE, MINUTE) == {MINUTE: 0.25}

    def test_labelled_series_have_the_stored_keys(self, storage: Storage) -> None:
        for minute in (0, 1):
            value = tables([{"{p=50}": 10 + minute, "{p=99}": 120}])
            columns: Cells = {"datatable_value": value, "precision": [10], "dataset": tables([{1: 1}])}
            heat = records(HEATMAP, {"dataset": tables([{0: 7, 100: minute}])})
            storage.write(rows(MINUTE + minute, ["a"], records(PERCENTILE, columns), heat))
        assert storage.labeled_series(PERCENTILE, "a", MINUTE, MINUTE + 1) == {
            MINUTE: {"{p=50}": 10, "{p=99}": 120},
            MINUTE + 1: {"{p=50}": 11, "{p=99}": 120},
        }
        assert storage.labeled_series(HEATMAP, "a", MINUTE + 1, MINUTE + 1) == {MINUTE + 1: {"0": 7, "100": 1}}

    def test_label_keys_may_hold_commas(self, storage: Storage) -> None:
        value = tables([{"{a=1,b=2}": 5, "{a=2,b=2}": -6}])
        columns: Cells = {"dataset": tables([{"x": 5}]), "datatable_value": value}
        storage.write(rows(MINUTE, ["a"], records(STATUS, columns)))
        found = storage.labeled_series(STATUS, "a", MINUTE, MINUTE)
        assert found == {MINUTE: {"{a=1,b=2}": 5, "{a=2,b=2}": -6}}

    def test_reads_of_an_empty_store_find_nothing(self, storage: Storage) -> None:
        assert storage.load_metrics((CPM, TIME), MINUTE) is None
        assert storage.series(CPM, "a", MINUTE, MINUTE) == {}
        assert storage.labeled_series(PERCENTILE, "a", DAY, DAY) == {}
        assert list(storage.top_n(CPM, HOUR, HOUR, 5, descending=True)) == []
        assert list(storage.services()) == []
        assert list(storage.instances("shop", MINUTE, MINUTE)) == []
        assert storage.instance("a") is None
        assert list(storage.endpoints("shop", "", 10)) == []
        assert list(storage.service_relations(MINUTE, MINUTE)) == []
        assert list(storage.instance_relations(DAY, DAY, "a", "b")) == []
        assert list(storage.templates()) == []

    # Top n

    def test_top_n_orders_by_mean_and_breaks_ties_by_id(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["d", "c", "b", "a"], cpm(1, 9, 5, 5)))
        storage.write(rows(MINUTE + 1, ["d", "c"], cpm(4, 0)))
        storage.write(rows(MINUTE + 2, ["d"], cpm(1000)))
        top = storage.top_n(CPM, MINUTE, MINUTE + 1, 3, descending=True)
        bottom = storage.top_n(CPM, MINUTE, MINUTE + 1, 4, descending=False)
        assert list(top) == [TopEntity("a", 5), TopEntity("b", 5), TopEntity("c", 4)]
        assert list(bottom) == [TopEntity("d", 2), TopEntity("c", 4), TopEntity("a", 5), TopEntity("b", 5)]
        assert list(storage.top_n(CPM, MINUTE, MINUTE + 1, 0, descending=True)) == []

    def test_means_are_cut_towards_zero_but_ordered_uncut(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b", "c"], cpm(-3, -3, 4)))
        storage.write(rows(MINUTE + 1, ["a", "b", "c"], cpm(-4, -3, 5)))
        found = storage.top_n(CPM, MINUTE, MINUTE + 1, 3, descending=True)
        assert list(found) == [TopEntity("c", 4), TopEntity("b", -3), TopEntity("a", -3)]

    def test_the_mean_of_the_biggest_integers_is_exact(self, storage: Storage) -> None:
        for minute in (0, 1, 2):
            storage.write(rows(MINUTE + minute, ["a", "b"], records(LEAST, {"value": [BIGGEST - 1, BIGGEST]})))
        found = storage.top_n(LEAST, MINUTE, MINUTE + 2, 2, descending=True)
        assert list(found) == [TopEntity("b", BIGGEST), TopEntity("a", BIGGEST - 1)]

    def test_top_n_of_a_floating_point_metric_is_cut(self, storage: Storage) -> None:
        columns: Cells = {"double_summation": [7.5, 7.9], "count": [1, 1], "double_value": [7.5, 7.9]}
        storage.write(rows(MINUTE, ["a", "b"], records(LOAD, columns)))
        found = storage.top_n(LOAD, MINUTE, MINUTE, 5, descending=True)
        assert list(found) == [TopEntity("b", 7), TopEntity("a", 7)]

    def test_top_n_can_be_limited_to_a_service(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b", "c"], cpm(1, 2, 3), service_ids=["shop", "shop", "cart"]))
        found = storage.top_n(CPM, MINUTE, MINUTE, 5, descending=True, service_id="shop")
        assert list(found) == [TopEntity("b", 2), TopEntity("a", 1)]

    @pytest.mark.parametrize(
        ("equal", "not_equal", "is_found"),
        [
            (("K8S_SERVICE",), (), True),
            (("MESH",), (), False),
            (("K8S_SERVICE", "MESH"), (), False),
            ((), ("MESH", "GENERAL"), True),
            ((), ("MESH", "K8S_SERVICE"), False),
            (("K8S_SERVICE",), ("MESH",), True),
        ],
    )
    def test_top_n_can_be_limited_by_attribute(
        self, storage: Storage, equal: tuple[str, ...], not_equal: tuple[str, ...], is_found: bool
    ) -> None:
        storage.write(rows(MINUTE, ["shop"], cpm(2, metric=SERVICE_CPM)))
        found = storage.top_n(
            SERVICE_CPM, MINUTE, MINUTE, 5, descending=True, attr0_equal=equal, attr0_not_equal=not_equal
        )
        assert list(found) == ([TopEntity("shop", 2)] if is_found else [])

    def test_an_attribute_that_is_null_is_equal_and_unequal_to_nothing(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a"], cpm(2)))
        assert list(storage.top_n(CPM, MINUTE, MINUTE, 5, descending=True, attr0_equal=["MESH"])) == []
        assert list(storage.top_n(CPM, MINUTE, MINUTE, 5, descending=True, attr0_not_equal=["MESH"])) == []

    # Schema

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
        assert storage.series(CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}

    def test_a_column_of_another_type_is_refused(self, storage: Storage) -> None:
        value = StateColumn("value", Store.DOUBLE, Merge.NONE)
        changed = MetricModel("pod_cpm", CPM.scope, CPM.category, "other", (value,), "value", CPM.value_kind, True)
        with pytest.raises(StorageError, match=r"'pod_cpm\.value'.*'other'"):
            storage.prepare((changed,))
        storage.write(rows(MINUTE, ["a"], cpm(1)))
        assert storage.series(CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}

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

    # Traffic

    def test_services_are_listed_by_name_and_layer(self, storage: Storage) -> None:
        mesh, shop = ServiceTraffic("c2hvcA==.1", "shop", 1, MINUTE), ServiceTraffic("c2hvcA==.1", "shop", 17, MINUTE)
        cart = ServiceTraffic("Y2FydA==.1", "cart", 17, MINUTE)
        storage.write(HandOver(services=[shop, cart, mesh, shop]))
        storage.write(HandOver(services=[shop]))
        assert list(storage.services()) == [cart, mesh, shop]

    def test_the_first_minute_of_a_service_is_the_smallest(self, storage: Storage) -> None:
        for minute in (5, 3, 9):
            storage.write(HandOver(services=[ServiceTraffic("s", "shop", 17, MINUTE + minute)]))
        assert list(storage.services()) == [ServiceTraffic("s", "shop", 17, MINUTE + 3)]

    def test_instances_keep_the_first_minute_and_take_the_last_ping_that_arrives(self, storage: Storage) -> None:
        for first, ping in ((5, 9), (3, 3), (7, 8)):
            storage.write(HandOver(instances=[InstanceTraffic("i", "s", "pod", MINUTE + first, MINUTE + ping)]))
        assert storage.instance("i") == InstanceTraffic("i", "s", "pod", MINUTE + 3, MINUTE + 8)

    def test_one_hand_over_may_see_an_instance_twice(self, storage: Storage) -> None:
        seen = [InstanceTraffic("i", "s", "pod", MINUTE + first, MINUTE + ping) for first, ping in ((2, 9), (1, 4))]
        storage.write(HandOver(instances=seen))
        assert list(storage.instances("s", MINUTE, MINUTE + 9)) == [
            InstanceTraffic("i", "s", "pod", MINUTE + 1, MINUTE + 4)
        ]

    def test_instances_are_filtered_by_service_and_activity(self, storage: Storage) -> None:
        ended = InstanceTraffic("1", "s", "ended", MINUTE, MINUTE + 4)
        edge = InstanceTraffic("2", "s", "edge", MINUTE, MINUTE + 5)
        began = InstanceTraffic("3", "s", "began", MINUTE + 9, MINUTE + 20)
        future = InstanceTraffic("4", "s", "future", MINUTE + 10, MINUTE + 20)
        other = InstanceTraffic("5", "other", "other", MINUTE, MINUTE + 9)
        storage.write(HandOver(instances=[ended, edge, began, future, other]))
        assert list(storage.instances("s", MINUTE + 5, MINUTE + 9)) == [began, edge]

    def test_endpoints_are_found_by_keyword_newest_first(self, storage: Storage) -> None:
        names = ("GET:/cart", "POST:/cart/商品", "GET:/100%", "GET:/cart/old")
        seen = [EndpointTraffic(name, "s", name, MINUTE + at, MINUTE + 9) for at, name in enumerate(names)]
        storage.write(HandOver(endpoints=[*seen, EndpointTraffic("x", "other", "GET:/cart", MINUTE, MINUTE)]))
        assert list(storage.endpoints("s", "/cart", 10)) == [seen[3], seen[1], seen[0]]
        assert list(storage.endpoints("s", "/cart", 2)) == [seen[3], seen[1]]
        assert list(storage.endpoints("s", "商品", 10)) == [seen[1]]
        assert list(storage.endpoints("s", "0%", 10)) == [seen[2]]
        assert list(storage.endpoints("s", "", 10)) == [seen[3], seen[2], seen[1], seen[0]]
        assert list(storage.endpoints("s", "", 0)) == []

    def test_endpoints_are_filtered_by_activity_when_asked(self, storage: Storage) -> None:
        ended = EndpointTraffic("1", "s", "ended", MINUTE, MINUTE + 4)
        alive = EndpointTraffic("2", "s", "alive", MINUTE, MINUTE + 5)
        future = EndpointTraffic("3", "s", "future", MINUTE + 10, MINUTE + 20)
        storage.write(HandOver(endpoints=[ended, alive, future]))
        assert list(storage.endpoints("s", "", 10, (MINUTE + 5, MINUTE + 9))) == [alive]

    def test_endpoints_keep_the_first_minute_and_take_the_last_ping_that_arrives(self, storage: Storage) -> None:
        for first, ping in ((5, 9), (3, 3)):
            storage.write(HandOver(endpoints=[EndpointTraffic("e", "s", "GET:/", MINUTE + first, MINUTE + ping)]))
        assert list(storage.endpoints("s", "", 9)) == [EndpointTraffic("e", "s", "GET:/", MINUTE + 3, MINUTE + 3)]

    # Relations

    def test_components_of_an_edge_are_united(self, storage: Storage) -> None:
        for components in ((162,), (49, 162), (), (49,), (8,)):
            edge = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", components)
            storage.write(HandOver(service_relations=[edge]))
        found = storage.service_relations(MINUTE, MINUTE)
        assert list(found) == [ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (8, 49, 162))]

    def test_components_of_one_hand_over_are_united(self, storage: Storage) -> None:
        seen = [ServiceRelationRow(MINUTE, False, "a-b", "a", "b", components) for components in ((129,), (49, 129))]
        storage.write(HandOver(service_relations=seen))
        found = storage.service_relations(MINUTE, MINUTE)
        assert list(found) == [ServiceRelationRow(MINUTE, False, "a-b", "a", "b", (49, 129))]

    def test_an_edge_without_components_is_kept(self, storage: Storage) -> None:
        edge = ServiceRelationRow(HOUR, True, "a-b", "a", "b", ())
        storage.write(HandOver(service_relations=[edge]))
        assert list(storage.service_relations(HOUR, HOUR)) == [edge]

    def test_edges_of_a_range_are_distinct_and_client_side_comes_first(self, storage: Storage) -> None:
        tcp, http = (110,), (49,)
        seen = [
            ServiceRelationRow(MINUTE + 2, True, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, True, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, False, "b-c", "b", "c", tcp),
            ServiceRelationRow(MINUTE + 1, False, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 2, False, "a-b", "a", "b", tcp),
            ServiceRelationRow(MINUTE, True, "a-b", "a", "b", http),
            ServiceRelationRow(HOUR, True, "x-y", "x", "y", http),
        ]
        storage.write(HandOver(service_relations=seen))
        assert list(storage.service_relations(MINUTE + 1, MINUTE + 2)) == [
            ServiceRelationRow(MINUTE + 2, False, "a-b", "a", "b", tcp),
            ServiceRelationRow(MINUTE + 1, False, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, False, "b-c", "b", "c", tcp),
            ServiceRelationRow(MINUTE + 1, True, "a-b", "a", "b", http),
        ]

    def test_edges_can_be_limited_to_those_of_some_services(self, storage: Storage) -> None:
        edges = [ServiceRelationRow(DAY, True, f"{s}-{d}", s, d, (49,)) for s, d in ("ab", "bc", "cd", "de")]
        storage.write(HandOver(service_relations=edges))
        assert list(storage.service_relations(DAY, DAY, ["b", "e"])) == [edges[0], edges[1], edges[3]]
        assert list(storage.service_relations(DAY, DAY, [])) == []
        assert list(storage.service_relations(DAY, DAY)) == edges

    def test_instance_edges_are_found_in_both_directions(self, storage: Storage) -> None:
        def edge(bucket: int, is_server_side: bool, source: str, dest: str) -> InstanceRelationRow:
            return InstanceRelationRow(
                bucket, is_server_side, f"{source}1-{dest}1", source, f"{source}1", dest, f"{dest}1"
            )

        written = [edge(MINUTE + at, side, *pair) for at in (1, 0) for side in (True, False) for pair in ("ab", "ba")]
        storage.write(HandOver(instance_relations=[*written, edge(MINUTE, True, "a", "c")]))
        storage.write(HandOver(instance_relations=written))
        assert list(storage.instance_relations(MINUTE, MINUTE + 1, "a", "b")) == [
            edge(MINUTE, False, "a", "b"),
            edge(MINUTE, False, "b", "a"),
            edge(MINUTE, True, "a", "b"),
            edge(MINUTE, True, "b", "a"),
        ]

    # Templates

    def test_templates_are_inserted_replaced_and_hidden(self, storage: Storage) -> None:
        storage.save_template(Template("t2", "{}", 1))
        storage.save_template(Template("t1", '{"name": "größe"}', 2))
        storage.save_template(Template("t2", "[]", 3, disabled=True))
        assert list(storage.templates()) == [Template("t1", '{"name": "größe"}', 2)]
        assert list(storage.templates(include_disabled=True)) == [
            Template("t1", '{"name": "größe"}', 2),
            Template("t2", "[]", 3, disabled=True),
        ]

    # Retention

    def test_rows_before_a_day_are_deleted_in_all_precisions(self, storage: Storage) -> None:
        for bucket in (202506102359, 202506110000, 2025061023, 2025061100, 20250610, 20250611):
            storage.write(rows(bucket, ["a"], cpm(1)))
            edge = ServiceRelationRow(bucket, True, "a-b", "a", "b", (49,))
            pods = InstanceRelationRow(bucket, True, "a1-b1", "a", "a1", "b", "b1")
            storage.write(HandOver(service_relations=[edge], instance_relations=[pods]))
        assert storage.delete_before(DAY) == 9
        ranges = ((202506010000, 202506302359), (2025060100, 2025063023), (20250601, 20250630))
        for (first, last), kept in zip(ranges, (202506110000, 2025061100, 20250611), strict=True):
            assert list(storage.series(CPM, "a", first, last)) == [kept]
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

    # Threads

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
        assert storage.series(CPM, "pod-7", MINUTE, MINUTE) == {MINUTE: 10}

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
            assert storage.series(CPM, name, MINUTE, MINUTE + 4) == {MINUTE + minute: minute for minute in range(5)}
