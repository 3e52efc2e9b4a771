import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from oap.config.sections import ElasticsearchSettings, MysqlSettings
from oap.storage.contract import StorageError
from oap.storage.registry import open_storage
from tests.servers.elasticsearch import SearchServer
from tests.servers.mariadb import PASSWORD, USER, MariadbServer


@dataclass(frozen=True)
class FileSection:
    path: str
    memory_limit_mb: int = 400


def test_the_selected_store_is_opened_with_its_settings(tmp_path: Path) -> None:
    storage = open_storage("duckdb", FileSection(str(tmp_path / "new folder" / "oap.duckdb")))
    assert list(storage.services()) == []
    storage.close()
    assert (tmp_path / "new folder" / "oap.duckdb").exists()


def test_a_mysql_database_is_opened_with_its_section(mariadb: MariadbServer, database: str) -> None:
    section = MysqlSettings(mariadb.jdbc_url(database), USER, PASSWORD)
    storage = open_storage("mysql", section)
    assert list(storage.templates()) == []
    storage.close()


def test_an_elasticsearch_is_opened_with_its_section(elasticsearch: SearchServer) -> None:
    storage = open_storage("elasticsearch", ElasticsearchSettings("registry", (elasticsearch.node,)))
    assert list(storage.templates()) == []
    storage.close()


def test_a_missing_transport_is_named_with_its_extra() -> None:
    code = (
        "import sys; sys.modules['elastic_transport'] = None; from oap.storage.registry import open_storage; "
        "from oap.config.sections import ElasticsearchSettings; open_storage('elasticsearch', ElasticsearchSettings())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "storage 'elasticsearch' needs the extra 'elasticsearch': pip install 'oap[elasticsearch]'" in done.stderr


def test_a_missing_driver_is_named_with_its_extra() -> None:
    code = (
        "import sys; sys.modules['pymysql'] = None; from oap.storage.registry import open_storage; "
        "from oap.config.sections import MysqlSettings; open_storage('mysql', MysqlSettings())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "StorageError: storage 'mysql' needs the extra 'mysql': pip install 'oap[mysql]'" in done.stderr


def test_a_misspelt_selector_is_refused_with_a_suggestion() -> None:
    with pytest.raises(StorageError, match=r"unknown storage 'DuckBD'; did you mean 'duckdb'\?"):
        open_storage("DuckBD", FileSection(""))


def test_an_unknown_selector_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StorageError, match="unknown storage 'h2'; known: duckdb, "):
        open_storage("h2", FileSection(""))
