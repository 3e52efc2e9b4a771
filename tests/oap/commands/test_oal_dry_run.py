"""``oap oal dry-run`` on the command line."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from oap.emulator.recording import Recorder
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from tests.oap.commands.oal_run import run as oal

BYTES = 'bytes_read = from(K8SService.read.l2.totalPackageSize).filter(type == "read"){}.sum();\n'
READS = 'reads = from(K8SService.*).filter(type == "read").cpm();\n'
BOOT_S = 1_714_566_840  # 2024-05-01 12:34


def message(size: int, second: int, local: str = "") -> EBPFAccessLogMessage:
    made = EBPFAccessLogMessage()
    made.node.name = "n"
    made.node.bootTime.seconds = BOOT_S
    made.connection.role = 1  # type: ignore[assignment]
    if local:
        made.connection.local.ip.host = local
    else:
        made.connection.local.kubernetes.serviceName = "api.shop"
    made.connection.remote.kubernetes.serviceName = "web.shop"
    read = made.kernelLogs.add().read
    read.startTime.offset.offset = read.endTime.offset.offset = second * 10**9
    read.l2Metrics.totalPackageSize = size
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Recorder(tmp_path / "shop.oaprec", BOOT_S * 10**9) as recorder:
        stream = recorder.begin(0, "n")
        for size, second, local in ((300, 5, ""), (12, 6, ""), (7, 65, "10.0.0.7")):
            recorder.message(0, stream, message(size, second, local).SerializeToString())
        recorder.end(70 * 10**9, stream)
    (tmp_path / "old.oal").write_text(BYTES.format("") + READS, encoding="utf-8")
    changed = BYTES.format(".filter(read.l2.totalPackageSize > 100)")
    (tmp_path / "new.oal").write_text(changed + READS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Callable[..., Result]:
    def invoke(new: str, *words: str | Path) -> Result:
        given = ["--old", folder / "old.oal", "--recording", folder / "shop.oaprec", "--config", folder, *words]
        return oal("dry-run", str(folder / new), *map(str, given))

    return invoke


def test_equal_rules_give_zero(run: Callable[..., Result]) -> None:
    result = run("old.oal")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "shop.oaprec: 3 messages, 3 logs folded\n2 metrics have the same records\n",
        "",
    )


def test_changes_give_one_and_both_values(run: Callable[..., Result]) -> None:
    result = run("new.oal")
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "shop.oaprec: 3 messages, 3 logs folded",
            "changed, the largest changes first (1)",
            "  ~ bytes_read  K8SService",
            "      1 changed of 1 minute records, 1 entity; sum of values 312 -> 300, 3.85 % moved",
            "      entity    time (UTC)        old  new     difference",
            "      api.shop  2024-05-01 12:34  312  300  -12 (-3.85 %)",
            "1 metric has the same records",
        ],
    )


def test_addresses_are_resolved_by_a_registry(run: Callable[..., Result], folder: Path) -> None:
    registry = folder / "registry.yml"
    registry.write_text("services: [{name: cart, namespace: shop, clusterIPs: [10.0.0.7]}]\n", encoding="utf-8")
    result = run("new.oal", "--registry", registry, "--top", "1")
    assert result.stdout.splitlines()[3:] == [
        "      1 changed, 1 gone of 2 minute records, 2 entities; sum of values 319 -> 300, 5.96 % moved",
        "      entity    time (UTC)        old  new     difference",
        "      api.shop  2024-05-01 12:34  312  300  -12 (-3.85 %)",
        "      and 1 more; --top shows them",
        "1 metric has the same records",
    ]


def test_json_tells_the_same(run: Callable[..., Result]) -> None:
    result = run("new.oal", "--format", "json", "--metric", "bytes_*")
    change = {
        "entity": "api.shop",
        "entity_id": "YXBpLnNob3A=.1",
        "bucket": 202405011234,
        "old": 312,
        "new": 300,
        "difference": -12,
    }
    metric = {
        "metric": "bytes_read",
        "scope": "K8SService",
        "change": "changed",
        "precision": "minute",
        "records": {"old": 1, "new": 1, "added": 0, "removed": 0, "changed": 1},
        "entities": 1,
        "sum": {"old": 312, "new": 300},
        "share": 12 / 312,
        "largest": [change],
    }
    assert (result.exit_code, orjson.loads(result.stdout)) == (
        1,
        {
            "recording": "shop.oaprec",
            "messages": 3,
            "logs": {"folded": 3, "left_out": {}},
            "differs": True,
            "unchanged": 0,
            "metrics": [metric],
        },
    )


def test_only_the_chosen_metrics_are_compared(run: Callable[..., Result]) -> None:
    result = run("new.oal", "--metric", "reads")
    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, "1 metric has the same records")


def test_an_unknown_metric_is_wrong_usage(run: Callable[..., Result]) -> None:
    result = run("new.oal", "--metric", "byte_read")
    assert (result.exit_code, "did you mean 'bytes_read'?" in result.stderr) == (2, True)


def test_added_and_removed_metrics(run: Callable[..., Result], folder: Path) -> None:
    (folder / "new.oal").write_text(
        READS + 'pods = from(K8SServiceInstance.*).filter(type == "read").cpm();\n', encoding="utf-8"
    )
    assert run("new.oal").stdout.splitlines()[1:] == [
        "removed (1)",
        "  - bytes_read  K8SService",
        "      1 minute record of 1 entity",
        "      entity    time (UTC)        old   new  difference",
        "      api.shop  2024-05-01 12:34  312  none        -312",
        "added (1)",
        "  + pods  K8SServiceInstance",
        "      no records: no log of these reaches it",
        "1 metric has the same records",
    ]


def test_rules_with_errors_are_shown(run: Callable[..., Result], folder: Path) -> None:
    (folder / "new.oal").write_text("a = from(K8SService.*).counts();\n", encoding="utf-8")
    result = run("new.oal")
    assert (result.exit_code, result.stdout, f"{folder / 'new.oal'}:1:" in result.stderr) == (2, "", True)


def test_a_damaged_recording_is_said_to_be_one(run: Callable[..., Result], folder: Path) -> None:
    (folder / "shop.oaprec").write_bytes(b"no recording")
    result = run("new.oal")
    assert (result.exit_code, result.stdout, "is no recording" in result.stderr) == (2, "", True)


def test_mistakes_in_the_registry_are_shown(run: Callable[..., Result], folder: Path) -> None:
    (folder / "registry.yml").write_text("servces: []\n", encoding="utf-8")
    result = run("new.oal", "--registry", folder / "registry.yml")
    assert (result.exit_code, "registry.yml:1:1: unknown key 'servces'" in result.stderr) == (2, True)
