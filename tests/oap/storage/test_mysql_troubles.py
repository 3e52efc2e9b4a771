"""A MariaDB that is there and cannot do its work: read-only, without rights, full, slow."""

import re

import pytest
from structlog.testing import capture_logs

from oap.clock import SystemClock
from oap.storage.mysql import MysqlStorage
from oap.window.writer import RecordWriter, WriterThread
from tests.oap.storage.outages import BACK, CALLS, LOST, PATIENCE_S, Watched, stored_records
from tests.oap.storage.troubles import troubled_mariadb
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once

SHORT = "?socketTimeout=1000"


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("full", ""), ("read-only", ""), ("without rights", ""), ("late answers", SHORT), ("late requests", SHORT)],
)
def test_nothing_is_lost_or_counted_twice(name: str, parameters: str) -> None:
    rig, board = PipelineRig(), Watched()
    models = list(rig.pipeline.models.values())
    with troubled_mariadb(parameters) as mariadb, capture_logs() as logs:
        trouble = mariadb.troubles()[name]
        storage = MysqlStorage(mariadb.settings)
        storage.prepare(models)
        thread = WriterThread(RecordWriter(storage), SystemClock(), board.component("storage"))
        thread.start()
        for call in CALLS[:90]:
            rig.accept(call)
        thread.offer(rig.pipeline.collect())
        assert thread.wait_idle(PATIENCE_S)
        for call in CALLS[90:]:
            rig.accept(call)
        trouble.begin()
        thread.offer(rig.pipeline.collect())
        assert board.refused.wait(PATIENCE_S)
        assert re.search(trouble.reason, board.health().details)
        trouble.end()
        assert thread.wait_idle(PATIENCE_S)
        assert board.health().is_healthy
        thread.stop()
        expected = stored_at_once(CALLS)
        assert stored_records(storage, models, expected) == expected
        assert [entry["event"] for entry in logs] == [LOST, BACK]
        storage.close()
