"""A server whose MariaDB is killed while agents send: what it tells, and what happens at the bound of the backlog."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from oap.emulator.traffic import cluster_traffic
from oap.storage.contract import MetricModel, Storage
from oap.storage.mysql import MysqlStorage, StorageSettings
from tests.oap.emulator.small_scenario import scenario
from tests.oap.process.agents import (
    COLLECT,
    Row,
    expected_store,
    recent_traffic,
    send,
    stored_rows,
    write_registry,
)
from tests.oap.process.server_process import ServerProcess, environment, running
from tests.servers.mariadb import PASSWORD, USER, running_mariadb
from tests.waiting import until

LONGEST_S = 400.0
MINUTES = 10
FIRST = 4
MOST_MINUTES = 4
MOST_PENDING_BYTES = 1 << 20
CHARGE_BYTES = 1 << 14
"""What a stream may deliver beyond the bound before it waits, with its last message: 2 KB at most in this traffic."""


@contextmanager
def server_on(url: str, folder: Path, **more: str) -> Iterator[ServerProcess]:
    variables = {"SW_STORAGE": "mysql", "SW_JDBC_URL": url, "SW_DATA_SOURCE_USER": USER}
    variables |= {"SW_DATA_SOURCE_PASSWORD": PASSWORD, "OAP_KUBERNETES_STATIC_FILE": str(write_registry(folder))}
    with running(environment(folder / "unused", **variables, **more)) as server:
        yield server


def test_a_killed_database_loses_nothing_and_is_told_about(tmp_path: Path) -> None:
    traffic = recent_traffic()
    before, after = traffic.halves()
    with running_mariadb() as mariadb:
        url = mariadb.jdbc_url(mariadb.new_database())
        with server_on(url, tmp_path) as server, server.channel() as channel:
            for stream in before:
                send(channel, stream)
            until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored")
            mariadb.kill()
            for stream in after:
                send(channel, stream)
            until(lambda: server.health() == 503, "the health check says so")
            until(lambda: server.total("oap_handover_backlog_oldest_age_seconds") > 0, "the backlog has an age")
            mariadb.start()
            until(lambda: server.health() == 200, "the health check is content again")
            assert server.stop() == 0
        wanted, pipeline = expected_store(traffic.streams, tmp_path / "registry.yml", time.time())
        models = list(pipeline.models.values())
        storage = MysqlStorage(StorageSettings(url, USER, PASSWORD))
        assert stored_rows(storage, models, traffic.start_s) == stored_rows(wanted, models, traffic.start_s)
        storage.close()
        wanted.close()


def test_at_the_bound_of_the_backlog_agents_wait_and_nothing_is_lost(tmp_path: Path) -> None:
    start_s = int(time.time()) // 60 * 60 - 20 * 60
    streams = [stream for flush in cluster_traffic(scenario(), 1, start_s, MINUTES * 12) for stream in flush.streams]
    bounds = {"OAP_WINDOW_ALLOWED_LATENESS": "60", "OAP_WINDOW_FUTURE_TOLERANCE": "60"}
    bounds |= {"OAP_WINDOW_MAX_OPEN": str(MOST_MINUTES), "OAP_EBPF_MAX_PENDING_BYTES": str(MOST_PENDING_BYTES)}
    with running_mariadb() as mariadb:
        url = mariadb.jdbc_url(mariadb.new_database())
        with server_on(url, tmp_path, **bounds) as server, server.channel() as channel:
            for stream in streams[:FIRST]:
                send(channel, stream)
            until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored", LONGEST_S)
            resident = server.total("process_resident_memory_bytes")
            mariadb.kill()
            calls = [channel.stream_unary(COLLECT).future(iter(stream)) for stream in streams[FIRST:]]
            until(lambda: server.health() == 503, "the health check says so", LONGEST_S)
            until(lambda: server.total("oap_windows_open") > MOST_MINUTES, "no minute more is taken", LONGEST_S)
            until(lambda: server.total("oap_pending_bytes") > MOST_PENDING_BYTES / 2, "agents wait", LONGEST_S)
            assert _status_of_an_impatient_agent(server) is grpc.StatusCode.DEADLINE_EXCEEDED
            folded = server.total("oap_logs_folded_total")
            assert _status_of_an_impatient_agent(server) is grpc.StatusCode.DEADLINE_EXCEEDED
            assert server.total("oap_logs_folded_total") == folded
            assert server.total("oap_pending_bytes") <= MOST_PENDING_BYTES + len(calls) * (CHARGE_BYTES + 2048)
            # The minutes have some 100 KB each; what waits is there as messages, and in buffers of the transport.
            assert server.total("process_resident_memory_bytes") - resident < 64 << 20
            assert not all(call.done() for call in calls)
            mariadb.start()
            for call in calls:
                call.result(timeout=LONGEST_S)
            until(lambda: server.health() == 200, "the health check is content again")
            assert server.stop() == 0, server.said
        wanted, pipeline = expected_store(streams, tmp_path / "registry.yml", time.time())
        models = list(pipeline.models.values())
        storage = MysqlStorage(StorageSettings(url, USER, PASSWORD))
        expected = _all_rows(wanted, models, start_s)
        assert len(expected) > 5_000
        assert _all_rows(storage, models, start_s) == expected
        storage.close()
        wanted.close()


def test_a_server_that_is_stopped_meanwhile_says_what_it_lost_and_the_next_goes_on(tmp_path: Path) -> None:
    traffic = recent_traffic()
    first, rest = traffic.halves()
    lost, second = rest[:10], rest[10:]
    with running_mariadb() as mariadb:
        url = mariadb.jdbc_url(mariadb.new_database())
        with server_on(url, tmp_path) as server, server.channel() as channel:
            for stream in first:
                send(channel, stream)
            until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored", LONGEST_S)
            enough = server.total("oap_handover_duration_seconds_count") + 2
            until(lambda: server.total("oap_handover_duration_seconds_count") >= enough, "all are stored", LONGEST_S)
            mariadb.kill()
            for stream in lost:
                send(channel, stream)
            until(lambda: server.health() == 503, "the health check says so")
            assert server.stop() == 1
            said = [entry["event"] for entry in server.events() if entry["level"] == "error"]
        assert said == [
            "not everything was stored before the server stopped",
            "results were not stored before the server stopped",
        ]
        mariadb.start()
        with server_on(url, tmp_path) as server, server.channel() as channel:
            for stream in second:
                send(channel, stream)
            assert server.stop() == 0
        wanted, pipeline = expected_store((*first, *second), tmp_path / "registry.yml", time.time())
        models = list(pipeline.models.values())
        storage = MysqlStorage(StorageSettings(url, USER, PASSWORD))
        assert stored_rows(storage, models, traffic.start_s) == stored_rows(wanted, models, traffic.start_s)
        storage.close()
        wanted.close()


def _status_of_an_impatient_agent(server: ServerProcess) -> Any:
    with server.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        channel.stream_unary(COLLECT)(iter(()), timeout=2)
    return caught.value.code()


def _all_rows(storage: Storage, models: list[MetricModel], start_s: int) -> Mapping[Row, Mapping[str, Any]]:
    rows: dict[Row, Mapping[str, Any]] = {}
    for minutes in range(0, MINUTES + 1, 4):
        rows |= stored_rows(storage, models, start_s + 60 * minutes)
    return rows
