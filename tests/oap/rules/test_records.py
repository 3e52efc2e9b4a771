"""Records in memory are what a store would hold after the last hand-over."""

from pathlib import Path

from oap.emulator.playback import blocks
from oap.rules.newest import newest_second
from oap.rules.records import Records, Surroundings, fold, left_out
from oap.rules.values import Value, values_of
from tests.oap.rules.small import cases_of, plan_of

EXPECT = "    expect: [{metric: devices, value: no row}]\n"


def folded(folder: Path, logs: str, batch: int = 1) -> Records:
    case = cases_of(folder, f"  - name: a\n    logs:\n{logs}{EXPECT}").cases[0]
    now_s = newest_second(blocks(case.logs, batch))
    return fold(plan_of(), blocks(case.logs, batch), now_s, Surroundings())


def column(records: Records, metric: str, bucket: int, name: str = "value") -> dict[str, Value]:
    """A column by entity id."""
    rows = records.rows[records.models[metric].scope, bucket]
    found = next(each for each in rows.metrics if each.model.name == metric)
    pairs = zip(rows.entity_ids, values_of(found.columns[name]), found.present.tolist(), strict=True)
    return {entity: value for entity, value, is_present in pairs if is_present}


def test_records_of_all_precisions(tmp_path: Path) -> None:
    records = folded(
        tmp_path,
        "      - {time: 12:34:05, read: {l2.totalPackageSize: 3}}\n"
        "      - {time: 12:35:05, read: {l2.totalPackageSize: 4}}\n",
    )
    assert [bucket for scope, bucket in records.rows if scope == "K8SService"] == [
        202405011234,
        202405011235,
        2024050112,
        20240501,
    ]
    assert list(column(records, "bytes_read", 2024050112).values()) == [7]


def test_late_logs_are_merged_with_the_records_that_were_closed_before_them(tmp_path: Path) -> None:
    hours = "".join(
        f"      - {{time: {hour:02}:{minute:02}:00, read: {{l2.totalPackageSize: 1}}, http: {{path: /, latency: 40}}}}\n"
        for hour in (10, 11)
        for minute in range(60)
    )
    late = (
        "      - {time: 10:00:59, read: {l2.totalPackageSize: 5}, http: {path: /, latency: 20}}\n"
        "      - {time: 10:00:59, local: cart.shop/cart-0, read: {l2.totalPackageSize: 6}}\n"
    )
    records = folded(tmp_path, hours + late)
    assert list(column(records, "bytes_read", 202405011000).values()) == [6, 6]
    assert list(column(records, "bytes_read", 2024050110).values()) == [65, 6]
    assert list(column(records, "bytes_read", 20240501).values()) == [125, 6]
    assert list(column(records, "endpoint_rank", 202405011000, "dataset").values()) == [{"2": 1, "4": 1}]
    assert list(column(records, "endpoint_mean", 2024050110, "double_value").values()) == [(60 * 40 + 20) / 61]


def test_logs_that_go_nowhere_are_told_by_reason(tmp_path: Path) -> None:
    records = folded(tmp_path, "      - {time: 12:34:05, remote: api.shop/other, read: }\n")
    assert (records.rows, left_out(records.accounts)) == ({}, {"same_service": 1})
