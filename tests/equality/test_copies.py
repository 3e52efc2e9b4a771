"""``oap storage copy`` on real servers: the recording through every kind of store and back, and killed on its way."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from oap.emulator.recording import Recording
from oap.storage.contract import Template
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.docs.markdown_steps import ROOT
from tests.equality.recordings import first_messages
from tests.equality.replays import Replayer
from tests.equality.tables import differences, row_count, stored_tables
from tests.servers.elasticsearch import ELASTICSEARCH_7, running_server
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb
from tests.waiting import until

MESSAGES = 1500
PATIENCE_S = 120.0
BOARD = Template("board", '{"name":"board"}', 1749652200000)
COMMAND = (sys.executable, "-m", "oap", "storage", "copy")


@pytest.fixture(scope="module")
def source(recording: Recording, replayer: Replayer) -> Path:
    """A store with what the first messages of the recording make, and a dashboard."""
    replayer.run("copied", first_messages(recording, MESSAGES))
    file = replayer.file("copied")
    storage = DuckdbStorage(StorageSettings(str(file)))
    storage.save_template(BOARD)
    storage.close()
    return file


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariadbServer]:
    with running_mariadb() as server:
        yield server


@pytest.fixture
def environ() -> Mapping[str, str]:
    return {
        **os.environ,
        "OAP_CONFIG": str(ROOT / "config"),
        "SW_DATA_SOURCE_USER": USER,
        "SW_DATA_SOURCE_PASSWORD": PASSWORD,
        "SW_STORAGE_ES_INDEX_REPLICAS_NUMBER": "0",
    }


def copy(source: str, target: str, folder: Path, environ: Mapping[str, str]) -> str:
    """What a copy says that must succeed."""
    done = subprocess.run(
        [*COMMAND, source, target], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(folder.glob("*.state")) == []
    return done.stdout


def differs(file: Path, source: Path) -> list[str]:
    return differences(stored_tables(source), stored_tables(file))


def templates(file: Path) -> list[Template]:
    storage = DuckdbStorage(StorageSettings(str(file)))
    try:
        return list(storage.templates(include_disabled=True))
    finally:
        storage.close()


def test_through_all_stores_and_back_the_tables_are_the_same(
    source: Path, mariadb: MariadbServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    database = f"mysql:{mariadb.jdbc_url(mariadb.new_database())}"
    back = tmp_path / "back.duckdb"
    with running_server(ELASTICSEARCH_7) as server:
        cluster = f"elasticsearch:http://{server.node}"
        said = [
            copy(f"duckdb:{source}", database, tmp_path, environ),
            copy(database, cluster, tmp_path, environ),
            copy(cluster, f"duckdb:{back}", tmp_path, environ),
        ]
    assert row_count(stored_tables(source)) > 1000
    assert differs(back, source) == []
    assert templates(back) == [BOARD]
    tables = {text.partition("\n")[2].partition("\n")[2] for text in said}
    assert len(tables) == 1
    assert all(text.endswith("everything is there\n") for text in said)


def test_a_copy_that_is_killed_goes_on(
    source: Path, mariadb: MariadbServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    database = f"mysql:{mariadb.jdbc_url(mariadb.new_database())}"
    state, back = tmp_path / "oap-storage-copy.state", tmp_path / "back.duckdb"

    def finished() -> int:
        return state.read_text().count("\n") - 3 if state.exists() else 0

    with subprocess.Popen([*COMMAND, f"duckdb:{source}", database], cwd=tmp_path, env=environ) as process:
        until(lambda: finished() >= 3, "no bucket is copied", PATIENCE_S)
        process.kill()
    assert process.returncode == -9
    before = finished()
    said = copy(f"duckdb:{source}", database, tmp_path, environ)
    assert f"going on: oap-storage-copy.state has {before} of " in said
    copy(database, f"duckdb:{back}", tmp_path, environ)
    assert differs(back, source) == []


def test_a_copy_that_is_interrupted_says_how_it_goes_on(
    source: Path, mariadb: MariadbServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    database = f"mysql:{mariadb.jdbc_url(mariadb.new_database())}"
    state = tmp_path / "mine"
    # What runs in the background of a shell would have Ctrl-C ignored.
    command = ["env", "--default-signal=INT", *COMMAND, f"duckdb:{source}", database, "--state", str(state)]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: state.exists() and state.read_text().count("\n") > 3, "no bucket is copied", PATIENCE_S)
        process.send_signal(2)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert said.endswith(f"stopped; the same command goes on where {state} says\n")
    assert "Traceback" not in said


def test_rows_that_are_missing_at_the_end_are_a_failure(
    source: Path, environ: Mapping[str, str], tmp_path: Path
) -> None:
    state = tmp_path / "oap-storage-copy.state"
    target = tmp_path / "target.duckdb"
    tables = stored_tables(source)
    bucket = tables["minute_K8SService"]["time_bucket"][0].as_py()
    state.write_text(f"oap storage copy 1\nfrom duckdb:{source}\nto duckdb:{target}\n{bucket}\n")
    done = subprocess.run(
        [*COMMAND, f"duckdb:{source}", f"duckdb:{target}"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.endswith("rows are missing; copy again, or see above why they are refused\n")
    # The journal that was wrong is gone, so the same command now copies everything.
    copy(f"duckdb:{source}", f"duckdb:{target}", tmp_path, environ)
    assert differs(target, source) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("duckdb:missing.duckdb", "duckdb:new.duckdb"), "there is no file missing.duckdb to copy from"),
        (("duckdb:same", "duckdb:./same"), "both are duckdb:"),
        (("files:there", "config"), "'files:there' names no store"),
    ],
)
def test_wrong_names_are_wrong_usage(
    arguments: tuple[str, str], said: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []
