"""``oap dashboards check``."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from oap.cli import build_app

ROOT = Path(__file__).parents[3]
OWN = """[{"id": "Mine", "configuration": {
  "name": "Mine", "layer": "K8S_SERVICE", "entity": "Service", "children": [
    {"x": 0, "y": 0, "w": 12, "h": 9, "i": "0", "type": "Widget", "graph": {"type": "TopList"},
     "expressions": ["top_n(kubernetes_service_endpoint_call_time,5,des)"], "valueRelatedDashboard": "K8S-Endpoint"}
  ]
}}]
"""


def check(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(["dashboards"]), ["dashboards", "check", *arguments])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of its own in the current folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


@pytest.mark.usefixtures("config")
def test_the_shipped_dashboards_are_checked_by_default() -> None:
    result = check()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "6 dashboards with 296 metrics, no errors\n", "")


@pytest.mark.usefixtures("config")
def test_a_file_may_lead_to_dashboards_of_the_configuration() -> None:
    Path("mine.json").write_text(OWN)
    result = check("mine.json")
    assert (result.exit_code, result.output) == (0, "1 dashboard with 1 metric, no errors\n")


@pytest.mark.usefixtures("config")
def test_findings_are_shown_with_place_and_line_and_counted() -> None:
    Path("mine.json").write_text(OWN.replace("K8S-Endpoint", "K8S-Endpont").replace('"w": 12', '"w": 25'))
    result = check("mine.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "mine.json:3:6: error DASH201: the Widget '0' ends in column 24; the last of the 24 is 23\n"
        '      {"x": 0, "y": 0, "w": 25, "h": 9, "i": "0", "type": "Widget", "graph": {"type": "TopList"},\n'
        "       ^~~\n"
        "mine.json:4:102: error DASH403: layer K8S_SERVICE has no dashboard 'K8S-Endpont'\n"
        '       "expressions": ["top_n(kubernetes_service_endpoint_call_time,5,des)"], "valueRelatedDashboard": "K8S-Endpont"}\n'
        f"{' ' * 103}^~~~~~~~~~~~~\n"
        "  did you mean 'K8S-Endpoint'?\n"
        "2 findings\n"
    )


def test_a_file_of_the_configuration_is_checked_once(config: Path) -> None:
    file = config / "ui-initialized-templates" / "custom" / "mine.json"
    file.parent.mkdir()
    file.write_text(OWN)
    assert check(str(file)).output == "1 dashboard with 1 metric, no errors\n"
    assert check().output == "7 dashboards with 296 metrics, no errors\n"


@pytest.mark.usefixtures("config")
def test_a_name_that_the_configuration_has_is_taken() -> None:
    Path("mine.json").write_text(OWN.replace('"name": "Mine"', '"name": "K8S-Service-Service"'))
    result = check("mine.json")
    assert result.exit_code == 1
    assert "mine.json:2:11: error DASH402: there is another dashboard K8S-Service-Service" in result.stderr


def test_metrics_are_those_of_the_configuration(config: Path) -> None:
    (config / "oal" / "ebpf.oal").write_text("shop_cpm = from(K8SService.*).cpm();")
    result = check("--limit", "1")
    assert result.exit_code == 1
    assert "there is no metric 'kubernetes_service_" in result.stderr
    assert "more errors" in result.stderr


def test_rules_with_errors_are_told(config: Path) -> None:
    (config / "oal" / "ebpf.oal").write_text("shop_cpm = from(K8SServic.*).cpm();")
    result = check()
    assert result.exit_code == 1
    assert "ebpf.oal:1:17: error" in result.stderr


def test_the_menu_is_checked_with_the_folder(config: Path) -> None:
    (config / "ui-initialized-templates" / "menu.yaml").write_text("menus:\n  - titel: a\n")
    result = check()
    assert result.exit_code == 1
    assert "menu.yaml:2:5: unknown key 'menus[0].titel'" in result.stderr


@pytest.mark.usefixtures("config")
def test_findings_come_as_json() -> None:
    Path("mine.json").write_text(OWN.replace("call_time", "call_tim"))
    result = check("mine.json", "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert {key: told[key] for key in ("files", "dashboards", "errors", "warnings", "left_out")} == {
        "files": ["mine.json"],
        "dashboards": 1,
        "errors": 1,
        "warnings": 0,
        "left_out": 0,
    }
    [found] = told["findings"]
    assert (found["code"], found["line"], found["column"], found["end_column"]) == ("DASH302", 4, 29, 65)
    assert found["hint"] == "did you mean 'kubernetes_service_endpoint_call_time'?"


@pytest.mark.usefixtures("config")
def test_warnings_are_no_failure() -> None:
    Path("mine.json").write_text(OWN.replace('"Service"', '"Service", "isRoot": true'))
    result = check("mine.json")
    assert (result.exit_code, result.stdout) == (0, "1 dashboard with 1 metric, no errors\n")
    assert (
        "warning DASH406: the menu of layer K8S_SERVICE leads to 'K8S-Service-Root', never to this root"
        in result.stderr
    )


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.json"], "nothing.json: cannot be read: No such file or directory"),
        (["empty"], "there is no template file in empty"),
        (["--config", "empty"], "empty/ui-initialized-templates: cannot be read: No such file or directory"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str) -> None:
    Path("empty").mkdir()
    result = check(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
