"""``check`` of a file, with real faults."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.duckdb.check import check
from tests.oap.storage.samples import CPM, MODELS

Line = tuple[str, str, str, str]


@pytest.fixture
def settings(tmp_path: Path) -> StorageSettings:
    return StorageSettings(str(tmp_path / "oap.duckdb"))


def lines(settings: StorageSettings, models: Sequence = MODELS) -> list[Line]:
    """All findings, without figures of this machine."""
    folder = str(Path(settings.path).parent)
    return [
        (
            one.subject,
            str(one.verdict),
            re.sub(r"[\d.]+ GiB", "N GiB", one.text.replace(folder, "DIR").replace(duckdb.__version__, "N")),
            one.advice,
        )
        for one in check(settings, models)
    ]


def problems(settings: StorageSettings) -> list[Line]:
    return [line for line in lines(settings) if line[1] == "problem"]


def prepared(settings: StorageSettings) -> None:
    storage = DuckdbStorage(settings)
    storage.prepare([CPM])
    storage.close()


def test_a_file_that_is_to_be_made_is_fit_and_not_made(settings: StorageSettings) -> None:
    assert lines(settings) == [
        ("connection", "ok", "DIR/oap.duckdb does not exist yet; the server makes it", ""),
        ("version", "ok", "DuckDB N", ""),
        ("privileges", "ok", "DIR takes files", ""),
        ("schema", "ok", "9 metrics would be prepared", ""),
        ("clock", "ok", "a file has none of its own", ""),
        ("free space", "ok", "N GiB of N GiB free in DIR", ""),
    ]
    assert not Path(settings.path).exists()


def test_a_file_of_the_server_is_fit(settings: StorageSettings) -> None:
    prepared(settings)
    more = "pod_time, pod_least, pod_load, pod_percentile, pod_heatmap and 3 more"
    assert lines(settings) == [
        ("connection", "ok", "DIR/oap.duckdb can be opened", ""),
        ("version", "ok", "DuckDB N, schema version 1", ""),
        ("privileges", "ok", "DIR takes files", ""),
        ("privileges", "ok", "tables can be made, written and dropped", ""),
        ("schema", "ok", f"1 of 9 metrics are prepared; these would be: {more}", ""),
        ("clock", "ok", "a file has none of its own", ""),
        ("free space", "ok", "N GiB of N GiB free in DIR", ""),
    ]


def test_a_file_that_another_process_uses_is_told(settings: StorageSettings) -> None:
    prepared(settings)
    script = (
        f"import duckdb, sys; kept = duckdb.connect({settings.path!r}); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        ((subject, _, text, advice),) = problems(settings)
        holder.communicate()
    assert subject == "connection"
    assert text.startswith("DIR/oap.duckdb is in use by another process")
    assert advice == "stop the server that uses it for the time of the check; while it runs, ask its /healthcheck"


def test_a_file_of_something_else_is_told(settings: StorageSettings) -> None:
    Path(settings.path).write_text("words " * 1000)
    ((subject, _, text, advice),) = problems(settings)
    assert subject == "connection"
    assert text.startswith("cannot open DIR/oap.duckdb")
    assert advice == "check storage.duckdb.path (SW_STORAGE_DUCKDB_PATH), and whether it is a file of this server"


def test_another_schema_version_is_told(settings: StorageSettings) -> None:
    prepared(settings)
    with duckdb.connect(settings.path) as connection:
        connection.execute("UPDATE schema_version SET version = 7")
    advice = "use the server that wrote it, or move the file away to begin with an empty one"
    text = "the file has schema version 7, this server reads 1"
    assert problems(settings) == [("version", "problem", text, advice)]


def test_a_column_of_another_type_is_told(settings: StorageSettings) -> None:
    prepared(settings)
    with duckdb.connect(settings.path) as connection:
        connection.execute('ALTER TABLE minute_K8SServiceInstance ALTER "pod_cpm.total" TYPE VARCHAR')
    advice = "give these metrics other names, or move the file away to begin with an empty one"
    text = "column 'pod_cpm.total' is VARCHAR, BIGINT is needed"
    assert problems(settings) == [("schema", "problem", text, advice)]


def test_a_folder_that_takes_no_files_is_told() -> None:
    # Nobody, not even the administrator, makes files there.
    subject, _, text, _advice = problems(StorageSettings("/proc/oap.duckdb"))[0]
    assert (subject, text) == ("privileges", "DIR takes no files: No such file or directory")
