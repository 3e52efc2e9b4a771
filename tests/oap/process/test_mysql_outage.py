"""A server whose MariaDB is killed while agents send."""

import time
from pathlib import Path

from oap.storage.mysql import MysqlStorage, StorageSettings
from tests.oap.process.agents import expected_store, recent_traffic, send, stored_rows, write_registry
from tests.oap.process.server_process import ServerProcess, environment, running, until
from tests.servers.mariadb import PASSWORD, USER, running_mariadb


def test_a_killed_database_loses_nothing_and_is_told_about(tmp_path: Path) -> None:
    traffic = recent_traffic()
    before, after = traffic.halves()
    with running_mariadb() as mariadb:
        url = mariadb.jdbc_url(mariadb.new_database())
        variables = {"SW_STORAGE": "mysql", "SW_JDBC_URL": url, "SW_DATA_SOURCE_USER": USER}
        variables |= {"SW_DATA_SOURCE_PASSWORD": PASSWORD, "OAP_KUBERNETES_STATIC_FILE": str(write_registry(tmp_path))}
        with running(environment(tmp_path / "unused", **variables)) as server, server.channel() as channel:
            for stream in before:
                send(channel, stream)
            until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored")
            mariadb.kill()
            for stream in after:
                send(channel, stream)
            until(lambda: server.health() == 503, "the health check says so")
            until(lambda: server.total("oap_handover_backlog_oldest_age_seconds") > 0, "the backlog has an age")
            assert _told(server) == 1
            mariadb.start()
            until(lambda: server.health() == 200, "the health check is content again")
            assert server.stop() == 0
            assert _told(server) == 1
        wanted, pipeline = expected_store(traffic.streams, tmp_path / "registry.yml", time.time())
        models = list(pipeline.models.values())
        storage = MysqlStorage(StorageSettings(url, USER, PASSWORD))
        assert stored_rows(storage, models, traffic.start_s) == stored_rows(wanted, models, traffic.start_s)
        storage.close()
        wanted.close()


def _told(server: ServerProcess) -> int:
    events = [entry["event"] for entry in server.events()]
    return events.count("storage takes nothing now; results wait in memory")
