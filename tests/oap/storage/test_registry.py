from dataclasses import dataclass
from pathlib import Path

import pytest

from oap.storage.contract import StorageError
from oap.storage.registry import open_storage


@dataclass(frozen=True)
class FileSection:
    path: str
    memory_limit_mb: int = 400


def test_the_selected_store_is_opened_with_its_settings(tmp_path: Path) -> None:
    storage = open_storage("duckdb", FileSection(str(tmp_path / "new folder" / "oap.duckdb")))
    assert list(storage.services()) == []
    storage.close()
    assert (tmp_path / "new folder" / "oap.duckdb").exists()


def test_a_misspelt_selector_is_refused_with_a_suggestion() -> None:
    with pytest.raises(StorageError, match=r"unknown storage 'DuckBD'; did you mean 'duckdb'\?"):
        open_storage("DuckBD", FileSection(""))


def test_an_unknown_selector_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StorageError, match="unknown storage 'h2'; known: duckdb"):
        open_storage("h2", FileSection(""))
