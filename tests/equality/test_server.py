"""The recording through the product as it is run: ``oap replay`` over gRPC into ``oap server``, stopped with SIGTERM."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from oap.emulator.cluster import registry
from oap.emulator.scenario_file import load_scenario
from tests.equality.expected import Reference
from tests.equality.recordings import SCENARIO, Setting
from tests.equality.replays import Totals
from tests.equality.tables import differences, stored_tables, without_shared_pings
from tests.oap.process.server_process import ROOT, Samples, ServerProcess, environment, running
from tests.waiting import until

LONGEST_REPLAY_S = 500.0


def exposed_totals(samples: Samples) -> Totals:
    """Totals of a server by its own metrics."""

    def total(name: str) -> int:
        return int(sum(value for (found, _), value in samples.items() if found == name))

    dropped = {
        dict(labels)["reason"]: int(n) for (name, labels), n in samples.items() if name == "oap_logs_dropped_total"
    }
    return Totals(
        total("oap_messages_received_total"),
        total("oap_messages_malformed_total"),
        total("oap_logs_received_total"),
        total("oap_logs_folded_total") + total("oap_logs_late_total"),
        total("oap_logs_refused_total"),
        {reason: count for reason, count in dropped.items() if count},
        details={},
    )


def hand_overs(server: ServerProcess) -> int:
    """How many hand-overs have ended."""
    return int(server.total("oap_handover_duration_seconds_count"))


def replay(file: Path, agents: str, *options: str) -> None:
    command = [sys.executable, "-m", "oap", "replay", str(file), "--fast", "--to", agents, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_REPLAY_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("options", [(), ("--nodes-parallel",)])
def test_replayed_recording_gives_the_same_rows_in_a_real_server(
    options: tuple[str, ...], recording_file: Path, setting: Setting, reference: Reference, tmp_path: Path
) -> None:
    hosts, store = tmp_path / "registry.yml", tmp_path / "oap.duckdb"
    hosts.write_text(yaml.safe_dump(registry(load_scenario(SCENARIO))), encoding="utf-8")
    more = {
        "OAP_KUBERNETES_STATIC_FILE": str(hosts),
        "OAP_WINDOW_MAX_OPEN": "100",
        "SW_CORE_PERSISTENT_PERIOD": "5",
        "TZ": setting.zone,
    }
    with running(environment(store, **more)) as server:
        replay(recording_file, server.agents, *options)
        totals = exposed_totals(server.metrics())
        # How much fits into the time that a server has to stop is the machine's affair; here it has little left to do.
        finished = hand_overs(server) + 2
        until(lambda: hand_overs(server) >= finished, "everything was handed over", LONGEST_REPLAY_S)
        assert server.stop() == 0, server.said
    assert totals == replace(reference.totals, details={})
    expected, found = reference.tables, stored_tables(store)
    if options:
        expected, found = without_shared_pings(expected), without_shared_pings(found)
    assert differences(expected, found) == []
