"""A server process whose rules change a hundred times while the recording is replayed into it."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from oal.compiler import compile_rules
from oap.emulator.cluster import registry
from oap.emulator.recording import Recording
from oap.emulator.scenario_file import load_scenario
from oap.entity.scopes import k8s_catalog
from tests.equality.expected import Reference
from tests.equality.recordings import SCENARIO, Setting
from tests.equality.tables import METRIC_KEY, TRAFFIC_KEYS, Tables, differences, stored_tables
from tests.equality.test_server import LONGEST_REPLAY_S, exposed_totals, hand_overs
from tests.oap.process.server_process import ROOT, ServerProcess, environment, running
from tests.waiting import PATIENCE_S, until

RELOADS = 100
EVERY = 6  # of the shipped rules: the fewer there are, the more often they can change while messages come
ADDED = "reload_calls = from(K8SService.*).count();"
CHANGED = "reload_calls = from(K8SService.*).filter(detectPoint == DetectPoint.SERVER).count();"
BROKEN = "reload_calls = from(K8SServic.*).count();"
VARIANTS = (ADDED, CHANGED, BROKEN, "")


def some_rules() -> dict[str, str]:
    """Some of the shipped rules, by name."""
    source = (ROOT / "config/oal/ebpf.oal").read_text(encoding="utf-8")
    plan = compile_rules([("ebpf.oal", source)], k8s_catalog()).plan
    assert plan is not None
    return {metric.name: metric.text for metric in plan.metrics[::EVERY]}


def only(tables: Tables, metrics: set[str]) -> Tables:
    """The metric tables with the columns of these metrics, and the rows that have one of them; other tables whole."""
    result: dict[str, pa.Table] = {}
    for name, table in tables.items():
        if name in TRAFFIC_KEYS or "relation_" in name:
            result[name] = table
            continue
        chosen = [column for column in table.column_names if column.partition(".")[0] in metrics]
        if chosen:
            has_any = pc.is_valid(table[chosen[0]])
            for column in chosen[1:]:
                has_any = pc.or_(has_any, pc.is_valid(table[column]))
            result[name] = table.select([*METRIC_KEY, *chosen]).filter(has_any)
    return result


class Replay:
    """``oap replay`` of a recording, which can be held."""

    def __init__(self, file: Path, agents: str) -> None:
        command = [sys.executable, "-m", "oap", "replay", str(file), "--fast", "--to", agents]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def hold(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def finish(self) -> None:
        self.go_on()
        said, _ = self._process.communicate(timeout=LONGEST_REPLAY_S)
        assert self._process.returncode == 0, said


def reloads(server: ServerProcess) -> dict[str, float]:
    """How many reloads had which outcome."""
    return {
        dict(labels)["outcome"]: count
        for (name, labels), count in server.metrics().items()
        if name == "oap_oal_reloads_total"
    }


def reload_under_load(server: ServerProcess, rules: Path, base: str, replay: Replay, messages: int) -> None:
    """Change the rules while messages come: during each change or between it and the next, to the last."""

    def received() -> int:
        return int(server.total("oap_messages_received_total"))

    until(lambda: received() > 0, "the replay begins")
    applied, before = 0, received()
    for number in range(RELOADS):
        replay.go_on()
        rules.write_text(base + VARIANTS[number % len(VARIANTS)], encoding="utf-8")
        event = httpx.post(f"{server.admin_url}/reload", timeout=PATIENCE_S).json()
        if before > messages * number // RELOADS:
            replay.hold()
        applied += VARIANTS[number % len(VARIANTS)] != BROKEN
        if event["outcome"] == "waiting":
            until(lambda due=applied: reloads(server)["applied"] == due, "the rules begin")  # type: ignore[misc]
        if received() == before:
            replay.go_on()
            until(lambda known=before: received() > known, "messages come")  # type: ignore[misc]
        before = received()


def test_unchanged_metrics_are_those_of_a_run_without_reloads(
    recording_file: Path, recording: Recording, setting: Setting, reference: Reference, tmp_path: Path
) -> None:
    config, hosts, store = tmp_path / "config", tmp_path / "registry.yml", tmp_path / "oap.duckdb"
    shutil.copytree(ROOT / "config", config)
    chosen = some_rules()
    rules, base = config / "oal/ebpf.oal", "\n".join(chosen.values()) + "\n"
    rules.write_text(base, encoding="utf-8")
    hosts.write_text(yaml.safe_dump(registry(load_scenario(SCENARIO))), encoding="utf-8")
    more = {"OAP_KUBERNETES_STATIC_FILE": str(hosts), "OAP_WINDOW_MAX_OPEN": "100", "TZ": setting.zone}
    with running(environment(store, **more), "--config", str(config)) as server:
        replay = Replay(recording_file, server.agents)
        reload_under_load(server, rules, base, replay, recording.messages)
        replay.finish()
        outcomes = reloads(server)
        totals = exposed_totals(server.metrics())
        finished = hand_overs(server) + 2
        until(lambda: hand_overs(server) >= finished, "everything was handed over", LONGEST_REPLAY_S)
        assert server.stop() == 0, server.said
    # The server's own look at the files may come before the call that forces one.
    assert outcomes["applied"] == RELOADS - RELOADS // len(VARIANTS)
    assert outcomes["refused"] >= RELOADS // len(VARIANTS)
    assert (totals.messages, totals.folded, totals.dropped) == (
        reference.totals.messages,
        reference.totals.folded,
        reference.totals.dropped,
    )
    found = stored_tables(store)
    assert any("reload_calls.value" in table.column_names for table in found.values())
    assert differences(only(reference.tables, {*chosen}), only(found, {*chosen})) == []
