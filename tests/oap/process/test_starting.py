"""A server that cannot start says why, in words and with places, and exits with 1."""

import shutil
import socket
from pathlib import Path

import pytest

from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.process.server_process import ROOT, START_S, environment, launched


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "oap.duckdb")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def refusal(environ: dict[str, str], *arguments: str) -> str:
    with launched(environ, *arguments) as server:
        code = server.wait(START_S)
        assert (code, "Traceback" in server.said) == (1, False), server.said
        return server.said


def test_a_port_that_is_taken_is_named(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(environ | {"SW_CORE_GRPC_PORT": port})
    assert (
        f"cannot listen on 127.0.0.1:{port}: the port is taken, or the address is not ours\nthe server cannot" in said
    )


def test_wrong_rules_are_shown_with_their_places(environ: dict[str, str], config: Path) -> None:
    rules = config / "oal" / "ebpf.oal"
    rules.write_text("a = from(K8SServise.*).count();\nb = from(K8SService.*).longAvgg();\n", encoding="utf-8")
    said = refusal(environ, "--config", str(config))
    assert f"{rules}:1:10: " in said
    assert f"{rules}:2:24: " in said
    assert "  a = from(K8SServise.*).count();\n           ^" in said
    assert said.endswith("\nthe server cannot start\n")


def test_wrong_settings_are_all_shown_at_once(environ: dict[str, str]) -> None:
    said = refusal(environ | {"SW_CORE_REST_PORT": "many", "SW_STORAGE": "duckbd", "SW_RECEIVER_EBPF": "-"})
    assert "'core.default.restPort' must be an integer from 0 to 65535, found 'many' (from SW_CORE_REST_PORT)" in said
    assert "'storage.selector' selects 'duckbd' (from SW_STORAGE)" in said
    assert "'receiver-ebpf.selector' selects '-' (from SW_RECEIVER_EBPF)" in said
    assert said.endswith("3 findings\n")


def test_a_database_that_another_process_holds_is_named(environ: dict[str, str]) -> None:
    path = environ["SW_STORAGE_DUCKDB_PATH"]
    held = DuckdbStorage(StorageSettings(path, threads=1))
    try:
        said = refusal(environ)
    finally:
        held.close()
    assert f"{path} is in use by another process" in said
    assert said.endswith("\nthe server cannot start\n")
