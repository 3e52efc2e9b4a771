import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from oap.storage.contract import MetricModel, Storage, StorageError, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.storage.contract_tests import Opener, StorageContract
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series
from tests.oap.storage.test_read_limit import DUCKDB_HOURS


class TestDuckdbStorage(StorageContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        settings = StorageSettings(str(tmp_path / "it's.duckdb"), memory_limit_mb=400, threads=1)
        return lambda: DuckdbStorage(settings)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "oap.duckdb")


def _opened(path: str) -> DuckdbStorage:
    storage = DuckdbStorage(StorageSettings(path, memory_limit_mb=400, threads=1))
    storage.prepare((CPM,))
    return storage


def test_a_store_in_memory_forgets() -> None:
    storage = _opened(":memory:")
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()
    assert series(_opened(":memory:"), CPM, "a", MINUTE, MINUTE) == {}


def test_a_file_in_use_by_another_process_is_refused(path: str) -> None:
    holder = (
        "import sys; from oap.storage.duckdb import DuckdbStorage, StorageSettings;"
        "held = DuckdbStorage(StorageSettings(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", holder, path]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StorageError, match=r"oap\.duckdb is in use by another process .* choose another path"):
            _opened(path)
        process.communicate("")
    _opened(path).close()


def test_a_file_in_use_by_this_process_is_refused(path: str) -> None:
    storage = _opened(path)
    with pytest.raises(StorageError, match=r"oap\.duckdb is in use"):
        _opened(path)
    storage.close()


def test_a_file_of_another_kind_is_refused(path: str) -> None:
    Path(path).write_text("something else " * 1000)
    with pytest.raises(StorageError, match=r"cannot open .*oap\.duckdb: .*not a valid DuckDB"):
        _opened(path)


def test_a_file_of_another_schema_version_is_refused_and_released(path: str) -> None:
    _opened(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(StorageError, match="schema version 99, this server reads version 1"):
        _opened(path)
    duckdb.connect(path).close()


def test_rows_survive_a_process_that_is_killed(path: str) -> None:
    victim = (
        "import os, sys; from tests.oap.storage.test_duckdb import MINUTE, _opened, cpm, rows; "
        "_opened(sys.argv[1]).write(rows(MINUTE, ['a'], cpm(3))); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", victim, path], check=False).returncode == -9
    storage = _opened(path)
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()


def test_ctrl_c_during_a_query_is_ctrl_c() -> None:
    program = (
        "import os, signal, sys, threading\n"
        "from oap.storage.duckdb.database import Database\n"
        "from oap.storage.duckdb.settings import StorageSettings\n"
        "database = Database(StorageSettings(':memory:', threads=1))\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # shells have it ignored in the background
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n    database.rows(sys.argv[1])\nexcept BaseException as error:\n    print(type(error).__name__)\n"
    )
    command = [sys.executable, "-c", program, DUCKDB_HOURS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "KeyboardInterrupt\n"


def test_replacing_a_few_rows_of_many_columns_only_adds_to_the_log(path: str) -> None:
    storage = _opened(path)
    models = [replace(CPM, name=f"pod_cpm_{number}") for number in range(600)]
    storage.prepare(models)
    log = Path(f"{path}.wal")
    sizes = []
    for total in range(3):
        storage.write(rows(MINUTE, ["a"], *(cpm(total, metric=model) for model in models)))
        sizes.append(log.stat().st_size)
    assert sizes == sorted(set(sizes))
    storage.close()


def test_a_full_disk_is_reported_and_overcome(path: str) -> None:
    storage = _opened(path)
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    many = [f"pod-{number}" for number in range(30000)]
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, unlimited[1]))
    try:
        with pytest.raises(StorageUnavailable, match=r"oap\.duckdb: .*File too large"):
            storage.write(rows(MINUTE + 1, many, cpm(*range(30000))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.write(rows(MINUTE + 1, many, cpm(*range(30000))))
    assert series(storage, CPM, "pod-29999", MINUTE, MINUTE + 1) == {MINUTE + 1: 29999}
    storage.close()


def test_a_checkpoint_that_fails_on_a_full_disk_is_overcome(path: str) -> None:
    storage = _opened(path)
    for day in (1, 2):
        storage.write(rows(202506010000 + day * 10000, ["a"], cpm(day)))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(path).stat().st_size, unlimited[1]))
    try:
        with pytest.raises(StorageUnavailable):
            storage.delete_before(20250603)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    storage.write(rows(202506030000, ["a"], cpm(3)))
    assert series(storage, CPM, "a", 202506010000, 202506030000) == {202506030000: 3}
    storage.close()


def test_metric_names_that_differ_in_case_only_are_refused(path: str) -> None:
    storage = _opened(path)
    shouted = MetricModel("POD_CPM", CPM.scope, CPM.category, "cpm", CPM.columns, "value", CPM.value_kind, True)
    with pytest.raises(StorageError, match=r"'POD_CPM\.value' differs from the stored 'pod_cpm\.value' only in case"):
        storage.prepare((shouted,))
    storage.close()


def test_an_entity_that_comes_twice_is_refused(path: str) -> None:
    storage = _opened(path)
    with pytest.raises(StorageError, match="an entity occurs twice in the rows of K8SServiceInstance"):
        storage.write(rows(MINUTE, ["a", "a"], cpm(1, 2)))
    storage.close()


def test_deleted_days_give_their_space_to_new_rows(path: str) -> None:
    storage = _opened(path)
    pods = [f"pod-{number:06d}" for number in range(25000)]

    def fill(day: int) -> int:
        for minute in range(2):
            storage.write(rows(day * 10000 + minute, pods, cpm(*range(25000))))
        storage.delete_before(day)
        return Path(path).stat().st_size

    sizes = [fill(20250601 + day) for day in range(6)]
    storage.close()
    assert max(sizes[3:]) <= max(sizes[:3])


def test_it_is_a_storage(path: str) -> None:
    storage: Storage = _opened(path)
    storage.close()
    storage.close()
