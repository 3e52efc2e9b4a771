import re
import shutil
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from oap.cli import build_app

SHIPPED = Path(__file__).parents[2] / "config"


def run(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> Result:
    return CliRunner().invoke(build_app(), list(arguments), env=env, input=stdin)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    shutil.copy(SHIPPED / "application.yml", tmp_path)
    return tmp_path


def test_version_names_the_server() -> None:
    result = run("version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "oap")


def test_help_lists_the_commands_with_examples() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "oap config check     is the configuration sound?" in result.stdout


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("sevrer").exit_code == 2


def test_a_sound_configuration_passes_the_check(directory: Path) -> None:
    result = run("config", "check", "--config", str(directory))
    assert (result.exit_code, result.stderr) == (0, "")


def test_findings_fail_the_check(directory: Path) -> None:
    env = {"SW_CORE_METRICS_DATA_TTL": "1", "SW_STORAGE": "duckbd"}
    result = run("config", "check", "--config", str(directory), env=env)
    assert result.exit_code == 1
    assert "'core.default.metricsDataTTL' must be an integer of at least 2 (days), found '1'" in result.stderr
    assert result.stderr.endswith("hint: did you mean 'duckdb'?\n2 findings\n")


def test_a_missing_directory_is_a_finding(tmp_path: Path) -> None:
    result = run("config", "check", "--config", str(tmp_path / "none"))
    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)


def test_show_prints_values_with_origins(directory: Path) -> None:
    env = {"OAP_CONFIG": str(directory), "SW_TELEMETRY_PROMETHEUS_PORT": "4321"}
    result = run("config", "show", "telemetry.prometheus", env=env)
    lines = [re.sub(r" +#|:\d+,", " #", line) for line in result.stdout.splitlines()]
    assert lines == [
        "telemetry.prometheus.host = 0.0.0.0 # application.yml # env SW_TELEMETRY_PROMETHEUS_HOST not set",
        "telemetry.prometheus.port = 4321 # env SW_TELEMETRY_PROMETHEUS_PORT",
    ]


def test_show_masks_secrets_and_speaks_json(directory: Path) -> None:
    env = {"OAP_CONFIG": str(directory), "SW_AUTHENTICATION": "hush"}
    result = run("config", "show", "--json", env=env)
    assert "hush" not in result.stdout
    assert orjson.loads(result.stdout)["receiver-sharing-server.default.authentication"] == {
        "value": "******",
        "unit": "",
        "origin": "env SW_AUTHENTICATION",
    }


def test_sound_rules_pass_the_check() -> None:
    rule = "svc_bytes = from(K8SService.write.l4.totalPackageSize).longAvg();\n"
    result = run("oal", "check", "-", stdin=rule)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "<stdin>: 1 metric, no errors\n", "")


def test_mistakes_in_rules_fail_the_check_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "new.oal"
    file.write_text("a = from(K8SServise.*).count();\nb = from(K8SService.*).longAvgg();\n", encoding="utf-8")
    result = run("oal", "check", str(file))
    places = [line.split(": ")[0] for line in result.stderr.splitlines() if line.startswith(str(file))]
    assert result.exit_code == 1
    assert places == [f"{file}:1:10", f"{file}:2:24"]
    assert result.stderr.endswith("2 findings\n")


def test_a_missing_rule_file_is_wrong_usage() -> None:
    assert run("oal", "check", "nowhere.oal").exit_code == 2


def test_the_server_does_not_start_with_findings(directory: Path) -> None:
    result = run("server", "--config", str(directory), env={"SW_CORE_REST_PORT": "x"})
    assert (result.exit_code, "found 'x' (from SW_CORE_REST_PORT)" in result.stderr) == (1, True)


def test_an_unknown_log_level_is_wrong_usage(directory: Path) -> None:
    assert run("server", "--config", str(directory), "--log-level", "loud").exit_code == 2
