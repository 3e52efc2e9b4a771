"""The part of the storage contract about metric records: whole, as series and the largest ones."""

import numpy as np
import pytest

from oap.storage.contract import HandOver, MetricModel, SeriesRead, Storage, StorageError, TopEntity, TopRead
from tests.oap.storage.samples import (
    CPM,
    DAY,
    EDGE_CPM,
    HEATMAP,
    HOUR,
    LEAST,
    LOAD,
    MINUTE,
    PERCENTILE,
    SERVICE_CPM,
    STATUS,
    TIME,
    Cells,
    cpm,
    labeled_series,
    plain,
    records,
    rows,
    series,
    tables,
    top_n,
)

BIGGEST = 9223372036854775807


class MetricContract:
    """Tests of metric records. They need a fixture ``storage``: an empty store prepared for ``MODELS``."""

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
        assert labeled_series(storage, PERCENTILE, "a", MINUTE, MINUTE) == {MINUTE: {}}

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
        assert top_n(storage, CPM, MINUTE, MINUTE, 9, descending=True) == [TopEntity("b", 4), TopEntity("a", 3)]

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
        assert series(storage, CPM, "a", 202506110000, 202506112359) == {MINUTE: 1, MINUTE + 1: 2}
        assert series(storage, CPM, "a", 2025061100, 2025061123) == {HOUR: 60}
        assert series(storage, CPM, "a", 20250601, 20250630) == {DAY: 1440}

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
        assert series(storage, LEAST, "a", MINUTE, MINUTE) == {MINUTE: BIGGEST}

    def test_names_are_not_restricted_to_ascii(self, storage: Storage) -> None:
        names = ["größe'\"\\", "订单|服务", "😀%_", ""]
        storage.write(rows(MINUTE, names, cpm(1, 2, 3, 4)))
        assert [series(storage, CPM, name, MINUTE, MINUTE) for name in names] == [{MINUTE: n} for n in (1, 2, 3, 4)]

    def test_ids_that_differ_in_case_are_different(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["QQ==.1", "qq==.1"], cpm(1, 2)))
        assert series(storage, CPM, "qq==.1", MINUTE, MINUTE) == {MINUTE: 2}

    def test_a_metric_that_was_not_prepared_is_refused_and_nothing_is_written(self, storage: Storage) -> None:
        unknown = MetricModel("other", CPM.scope, CPM.category, "cpm", CPM.columns, "value", CPM.value_kind, True)
        parts = [rows(MINUTE, ["a"], cpm(1)).metrics[0], rows(MINUTE, ["a"], cpm(1, metric=unknown)).metrics[0]]
        with pytest.raises(StorageError, match="'other' was not prepared"):
            storage.write(HandOver(metrics=parts))
        assert storage.load_metrics((CPM,), MINUTE) is None

    def test_series_holds_the_stored_buckets_of_the_range_in_order(self, storage: Storage) -> None:
        for minute, value in ((3, 30), (0, 5), (1, 6), (2, 7), (4, 50)):
            storage.write(rows(MINUTE + minute, ["a"], cpm(value)))
        storage.write(rows(MINUTE + 2, ["b"], cpm(99)))
        found = series(storage, CPM, "a", MINUTE + 1, MINUTE + 3)
        assert list(found.items()) == [(MINUTE + 1, 6), (MINUTE + 2, 7), (MINUTE + 3, 30)]

    def test_series_of_a_floating_point_metric_has_fractions(self, storage: Storage) -> None:
        columns: Cells = {"double_summation": [0.75], "count": [3], "double_value": [0.25]}
        storage.write(rows(MINUTE, ["a"], records(LOAD, columns)))
        assert series(storage, LOAD, "a", MINUTE, MINUTE) == {MINUTE: 0.25}

    def test_labelled_series_have_the_stored_keys(self, storage: Storage) -> None:
        for minute in (0, 1):
            value = tables([{"{p=50}": 10 + minute, "{p=99}": 120}])
            columns: Cells = {"datatable_value": value, "precision": [10], "dataset": tables([{1: 1}])}
            heat = records(HEATMAP, {"dataset": tables([{0: 7, 100: minute}])})
            storage.write(rows(MINUTE + minute, ["a"], records(PERCENTILE, columns), heat))
        assert labeled_series(storage, PERCENTILE, "a", MINUTE, MINUTE + 1) == {
            MINUTE: {"{p=50}": 10, "{p=99}": 120},
            MINUTE + 1: {"{p=50}": 11, "{p=99}": 120},
        }
        assert labeled_series(storage, HEATMAP, "a", MINUTE + 1, MINUTE + 1) == {MINUTE + 1: {"0": 7, "100": 1}}

    def test_label_keys_may_hold_commas(self, storage: Storage) -> None:
        value = tables([{"{a=1,b=2}": 5, "{a=2,b=2}": -6}])
        columns: Cells = {"dataset": tables([{"x": 5}]), "datatable_value": value}
        storage.write(rows(MINUTE, ["a"], records(STATUS, columns)))
        found = labeled_series(storage, STATUS, "a", MINUTE, MINUTE)
        assert found == {MINUTE: {"{a=1,b=2}": 5, "{a=2,b=2}": -6}}

    def test_reads_of_an_empty_store_find_nothing(self, storage: Storage) -> None:
        assert storage.load_metrics((CPM, TIME), MINUTE) is None
        assert series(storage, CPM, "a", MINUTE, MINUTE) == {}
        assert labeled_series(storage, PERCENTILE, "a", DAY, DAY) == {}
        assert list(top_n(storage, CPM, HOUR, HOUR, 5, descending=True)) == []
        assert list(storage.services()) == []
        assert list(storage.instances("shop", MINUTE, MINUTE)) == []
        assert storage.instance("a") is None
        assert list(storage.endpoints("shop", "", 10)) == []
        assert list(storage.service_relations(MINUTE, MINUTE)) == []
        assert list(storage.instance_relations(DAY, DAY, "a", "b")) == []
        assert list(storage.templates()) == []

    def test_top_n_orders_by_mean_and_breaks_ties_by_id(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["d", "c", "b", "a"], cpm(1, 9, 5, 5)))
        storage.write(rows(MINUTE + 1, ["d", "c"], cpm(4, 0)))
        storage.write(rows(MINUTE + 2, ["d"], cpm(1000)))
        top = top_n(storage, CPM, MINUTE, MINUTE + 1, 3, descending=True)
        bottom = top_n(storage, CPM, MINUTE, MINUTE + 1, 4, descending=False)
        assert list(top) == [TopEntity("a", 5), TopEntity("b", 5), TopEntity("c", 4)]
        assert list(bottom) == [TopEntity("d", 2), TopEntity("c", 4), TopEntity("a", 5), TopEntity("b", 5)]
        assert list(top_n(storage, CPM, MINUTE, MINUTE + 1, 0, descending=True)) == []

    def test_ties_are_cut_in_the_order_of_ids(self, storage: Storage) -> None:
        pods = [f"pod-{number * 7 % 20:02d}" for number in range(20)]
        storage.write(rows(MINUTE, pods, cpm(*[5] * 20)))
        found = top_n(storage, CPM, MINUTE, MINUTE, 3, descending=True)
        assert list(found) == [TopEntity("pod-00", 5), TopEntity("pod-01", 5), TopEntity("pod-02", 5)]

    def test_means_are_cut_towards_zero_but_ordered_uncut(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b", "c"], cpm(-3, -3, 4)))
        storage.write(rows(MINUTE + 1, ["a", "b", "c"], cpm(-4, -3, 5)))
        found = top_n(storage, CPM, MINUTE, MINUTE + 1, 3, descending=True)
        assert list(found) == [TopEntity("c", 4), TopEntity("b", -3), TopEntity("a", -3)]

    def test_the_mean_of_the_biggest_integers_is_exact(self, storage: Storage) -> None:
        for minute in (0, 1, 2):
            storage.write(rows(MINUTE + minute, ["a", "b"], records(LEAST, {"value": [BIGGEST - 1, BIGGEST]})))
        found = top_n(storage, LEAST, MINUTE, MINUTE + 2, 2, descending=True)
        assert list(found) == [TopEntity("b", BIGGEST), TopEntity("a", BIGGEST - 1)]

    def test_top_n_of_a_floating_point_metric_is_cut(self, storage: Storage) -> None:
        columns: Cells = {"double_summation": [7.5, 7.9], "count": [1, 1], "double_value": [7.5, 7.9]}
        storage.write(rows(MINUTE, ["a", "b"], records(LOAD, columns)))
        found = top_n(storage, LOAD, MINUTE, MINUTE, 5, descending=True)
        assert list(found) == [TopEntity("b", 7), TopEntity("a", 7)]

    def test_top_n_can_be_limited_to_a_service(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a", "b", "c"], cpm(1, 2, 3), service_ids=["shop", "shop", "cart"]))
        found = top_n(storage, CPM, MINUTE, MINUTE, 5, descending=True, service_id="shop")
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
        found = top_n(
            storage, SERVICE_CPM, MINUTE, MINUTE, 5, descending=True, attr0_equal=equal, attr0_not_equal=not_equal
        )
        assert list(found) == ([TopEntity("shop", 2)] if is_found else [])

    def test_an_attribute_that_is_null_is_equal_and_unequal_to_nothing(self, storage: Storage) -> None:
        storage.write(rows(MINUTE, ["a"], cpm(2)))
        assert list(top_n(storage, CPM, MINUTE, MINUTE, 5, descending=True, attr0_equal=("MESH",))) == []
        assert list(top_n(storage, CPM, MINUTE, MINUTE, 5, descending=True, attr0_not_equal=("MESH",))) == []

    def test_many_series_come_at_once_in_the_order_of_the_reads(self, storage: Storage) -> None:
        heat = tables([{1: 1}, {2: 2}])
        storage.write(rows(MINUTE, ["a", "b"], cpm(1, 2), records(HEATMAP, {"dataset": heat})))
        storage.write(rows(MINUTE + 1, ["b"], cpm(3)))
        storage.write(rows(MINUTE, ["shop"], cpm(4, metric=SERVICE_CPM)))
        reads = [SeriesRead(*read) for read in ((CPM, "b"), (SERVICE_CPM, "shop"), (CPM, "c"), (CPM, "a"), (CPM, "b"))]
        found = storage.series(reads, MINUTE, MINUTE + 1)
        assert list(found) == [{MINUTE: 2, MINUTE + 1: 3}, {MINUTE: 4}, {}, {MINUTE: 1}, {MINUTE: 2, MINUTE + 1: 3}]
        tables_found = storage.labeled_series([SeriesRead(HEATMAP, "b"), SeriesRead(PERCENTILE, "b")], MINUTE, MINUTE)
        assert list(tables_found) == [{MINUTE: {"2": 2}}, {}]
        assert list(storage.series([], MINUTE, MINUTE)) == []

    def test_many_lists_come_at_once_in_the_order_of_the_reads(self, storage: Storage) -> None:
        columns: Cells = {"double_summation": [7.5, 7.9], "count": [1, 1], "double_value": [7.5, 7.9]}
        storage.write(rows(MINUTE, ["a", "b"], cpm(1, 2), records(LOAD, columns), service_ids=["shop", "cart"]))
        storage.write(rows(MINUTE, ["shop"], cpm(4, metric=SERVICE_CPM)))
        reads = [
            TopRead(LOAD, 1, descending=False),
            TopRead(SERVICE_CPM, 5, descending=True, attr0_equal=("MESH",)),
            TopRead(CPM, 5, descending=True),
            TopRead(CPM, 5, descending=True, service_id="shop"),
            TopRead(CPM, 0, descending=True),
            TopRead(CPM, 5, descending=False),
        ]
        found = [list(entities) for entities in storage.top_n(reads, MINUTE, MINUTE)]
        a, b = TopEntity("a", 1), TopEntity("b", 2)
        assert found == [[TopEntity("a", 7)], [], [b, a], [a], [], [a, b]]
        assert list(storage.top_n([], MINUTE, MINUTE)) == []
