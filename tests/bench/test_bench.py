"""Every part of the benchmarks runs, here with next to nothing to do."""

import io
import itertools
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.__main__ import Part, measured
from bench.end_to_end import end_to_end
from bench.inputs import Kind, load_corpus
from bench.load_client import rounds
from bench.memory import entity_memory, hour_memory
from bench.port_churn_hour import PortChurnHour
from bench.report import print_finding, write_json
from bench.results import Finding, Measure, Ratio, Target, pairwise
from bench.storing import storing
from bench.viewers import viewers
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder

MACHINE = dict.fromkeys(("processor", "cores", "python", "numpy", "numba"), "some")
MESSAGES = 200


@pytest.mark.parametrize("part", [Part.DECODE, Part.FOLD, Part.HAND_OVER])
def test_part_measures_both_corpora(part: Part, tmp_path: Path) -> None:
    findings = list(measured([part], list(Kind), 2, MESSAGES, tmp_path))
    assert [finding.given["corpus"] for finding in findings] == ["plain", "churn"]
    assert {finding.given["messages"] for finding in findings} == {MESSAGES}
    assert all(reading > 0 for finding in findings for each in finding.measures for reading in each.readings)


@pytest.mark.parametrize(("kind", "name"), [(Kind.CHURN, "churn"), (Kind.NEW_PATHS, "churn with new paths")])
def test_end_to_end_gets_every_message_of_fresh_connections_answered(kind: Kind, name: str, tmp_path: Path) -> None:
    finding = end_to_end(MESSAGES, 2, kind, cache=tmp_path)
    (share,) = finding.ratios
    assert len(share.readings) == 2
    assert finding.given["corpus"] == name
    assert str(share.target) == ">= 0.8"
    assert [measure.unit for measure in finding.measures[:3]] == ["messages/s", "messages/s", "logs/s"]


def test_viewers_are_answered_while_messages_are_received(tmp_path: Path) -> None:
    finding = viewers(MESSAGES, 1, cache=tmp_path, run_s=2)
    assert [measure.unit for measure in finding.measures] == [
        *["messages/s", "us/message"] * 2,
        *["requests/s", "ms", "ms", "KiB/s"],
    ]
    assert all(reading > 0 for measure in finding.measures for reading in measure.readings)
    assert [str(ratio.target) for ratio in finding.ratios] == [">= 0.9"]


@pytest.mark.parametrize(("kind", "routes", "endpoints"), [("routes", 150, 0), ("endpoints", 100, 150)])
def test_memory_is_that_of_as_many_entities_as_were_asked_for(kind: str, routes: int, endpoints: int) -> None:
    finding = entity_memory(kind, 150)
    assert finding.given == {"routes": routes, "endpoints": endpoints, "open windows": 3}
    assert all(measure.median > 0 for measure in finding.measures[:3])


def test_storing_measures_the_store_against_prepared_files() -> None:
    finding = storing(2, entities=20, metrics=60)
    assert (finding.given["metrics"], finding.given["rows"]) == (60, 1200)
    assert [measure.unit for measure in finding.measures] == ["rows/s", "rows/s", "rows/s", "s for the minute"]
    assert [str(ratio.target) for ratio in finding.ratios] == [">= 0.6", "<= 1"]


def test_hour_reads_the_highest_of_every_ten_minutes(tmp_path: Path) -> None:
    finding = hour_memory(11, MESSAGES, tmp_path)
    assert [measure.name for measure in finding.measures] == [
        "highest in minutes 1 to 10",
        "highest in minutes 11 to 20",
    ]
    assert finding.given["messages"] == 11 * MESSAGES


def test_churned_minutes_move_on_and_never_repeat_an_address(tmp_path: Path) -> None:
    churn = PortChurnHour(load_corpus(2 * MESSAGES, churn_ports=True, cache=tmp_path))
    hosts, boots = [], []
    for minute in range(4):
        for block in churn.minute(minute):
            batch = Decoder().decode(block)
            spans = batch.connections[batch.connections[:, lay.R_KIND] == lay.IP][:, [lay.R_HOST, lay.R_HOST + 1]]
            hosts += [batch.payload[at : at + size].tobytes().decode() for at, size in spans.tolist()]
            boots.append(batch.nodes[:, 0].tolist())
    assert len(set(hosts)) == len(hosts) == churn.addresses > MESSAGES
    assert hosts[:2] == ["100.100.100.100", "100.100.100.101"]
    assert boots == [[0]] * 4
    assert churn.now_s(3) - churn.now_s(0) == 180


def test_rounds_with_new_paths_never_repeat_one(tmp_path: Path) -> None:
    sent = rounds(load_corpus(MESSAGES, churn_ports=True, cache=tmp_path), Kind.NEW_PATHS)
    messages = [EBPFAccessLogMessage.FromString(raw) for _ in range(3) for raw in next(sent)]
    paths = [each.protocolLog.http.request.path for each in messages if each.HasField("protocolLog")]
    assert len(set(paths)) == len(paths) > MESSAGES
    assert paths[:2] == ["/api/v1/products/reviews/00000000", "/api/v1/products/reviews/00000001"]


def test_rounds_of_churn_ask_for_the_same_paths(tmp_path: Path) -> None:
    sent = rounds(load_corpus(MESSAGES, churn_ports=True, cache=tmp_path), Kind.CHURN)
    first, second = ([EBPFAccessLogMessage.FromString(raw).protocolLog for raw in next(sent)] for _ in range(2))
    assert first == second


def test_corpus_is_made_once(tmp_path: Path) -> None:
    made = load_corpus(MESSAGES, churn_ports=True, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    stamp = file.stat().st_mtime_ns
    kept = load_corpus(MESSAGES, churn_ports=True, cache=tmp_path)
    assert (kept.name, kept.messages(), file.stat().st_mtime_ns) == ("churn", made.messages(), stamp)


def test_blocks_of_a_part_are_its_messages(tmp_path: Path) -> None:
    corpus = load_corpus(MESSAGES, churn_ports=False, cache=tmp_path)
    blocks = corpus.part(10, 35).blocks(10)
    bounds = [block.offsets.tolist() for block in blocks]
    messages = [
        block.payload[start:end].tobytes()
        for block, at in zip(blocks, bounds, strict=True)
        for start, end in itertools.pairwise(at)
    ]
    assert [len(block) for block in blocks] == [10, 10, 5]
    assert messages == corpus.messages()[10:35]


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target(4), [False, True, True]),
        (Target(4, strict=True), [False, False, True]),
        (Target(4, at_most=True), [True, True, False]),
    ],
)
def test_target_is_met_or_missed(target: Target, met: list[bool]) -> None:
    assert [target.is_met_by(ratio) for ratio in (3.9, 4.0, 4.1)] == met


def finding() -> Finding:
    share = pairwise("share", [3.0, 4.0, 5.0], [3.0, 2.0, 2.0], Target(3))
    return Finding(
        "some", "Some part", {"messages": 20_000}, [Measure("rate", "messages/s", (1.0, 9.0, 1234.5))], [share]
    )


def test_table_quotes_the_median_with_unit_input_and_verdict() -> None:
    console = Console(file=io.StringIO(), width=120)
    print_finding(console, finding(), MACHINE)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    for text in (
        "9.00",
        "1.00 - 1,234",
        "messages/s",
        "2.00",
        ">= 3: MISSED",
        "input: messages 20,000",
        "processor some",
    ):
        assert text in printed


def test_json_holds_every_reading(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "bench.json"
    write_json(file, [finding()], MACHINE)
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["machine"] == MACHINE
    assert written["findings"][0]["ratios"] == [
        {"name": "share", "median": 2.0, "readings": [1.0, 2.0, 2.5], "target": ">= 3", "is_met": False}
    ]


def test_ratio_without_target_has_no_verdict() -> None:
    assert Ratio("r", (1.0,)).is_met is None
