"""``oap dashboards`` against a server: export, diff, import."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from oap.cli import build_app
from oap.dashboards.printing import template_text
from oap.storage.contract import Storage, Template
from tests.oap.query.cluster import dependencies, memory_store, serving

ROOT = {
    "name": "Root",
    "layer": "SHOP",
    "entity": "All",
    "isRoot": True,
    "children": [
        {
            "x": 0,
            "y": 0,
            "w": 24,
            "h": 9,
            "i": "0",
            "type": "Widget",
            "graph": {"type": "ServiceList", "dashboardName": "Shop"},
            "expressions": ["avg(kubernetes_service_http_call_cpm)"],
        }
    ],
}
SHOP = {
    "name": "Shop",
    "layer": "SHOP",
    "entity": "Service",
    "children": [
        {
            "x": 0,
            "y": 0,
            "w": 24,
            "h": 9,
            "i": "0",
            "type": "Widget",
            "widget": {"title": "größe"},
            "expressions": ["kubernetes_service_http_call_cpm"],
        }
    ],
}


def compact(configuration: object) -> str:
    return json.dumps(configuration, ensure_ascii=False, separators=(",", ":"))


@pytest.fixture
def storage() -> Iterator[Storage]:
    """A store with two dashboards."""
    with memory_store() as opened:
        opened.save_template(Template("root", compact(ROOT), 1))
        opened.save_template(Template("shop/1", compact(SHOP), 1))
        yield opened


@pytest.fixture
def server(storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server over it that takes changes; the current folder is empty."""
    monkeypatch.chdir(tmp_path)
    with serving(dependencies(storage, can_change_templates=True)) as url:
        yield url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(["dashboards"]), ["dashboards", *arguments])


def stored(storage: Storage, template_id: str) -> str:
    return next(one.configuration for one in storage.templates() if one.template_id == template_id)


def test_dashboards_are_written_as_files_by_layer_and_id(server: str) -> None:
    result = run("export", "out", "--server", server)
    assert (result.exit_code, result.output) == (0, "out/shop/root.json: written\nout/shop/shop_1.json: written\n")
    assert Path("out/shop/shop_1.json").read_text() == template_text("shop/1", SHOP)
    assert run("diff", "out", "--server", server).output == "2 dashboards, nothing differs\n"


def test_a_file_that_differs_is_only_replaced_when_asked(server: str) -> None:
    Path("mine.json").write_text(template_text("shop/1", {**SHOP, "isDefault": True}))
    first = run("export", ".", "--id", "shop/1", "--server", server)
    assert (first.exit_code, first.stdout) == (1, "")
    assert first.stderr.startswith("mine.json: differs, left as it is; see 'oap dashboards diff'")
    again = run("export", ".", "--id", "shop/1", "--force", "--server", server)
    assert (again.exit_code, again.output) == (0, "mine.json: replaced\n")
    assert Path("mine.json").read_text() == template_text("shop/1", SHOP)
    assert run("export", ".", "--id", "shop/1", "--url", server).output == "mine.json: the same\n"


def test_a_file_of_another_dashboard_is_never_replaced(server: str) -> None:
    Path("out/shop").mkdir(parents=True)
    Path("out/shop/root.json").write_text(template_text("other", SHOP))
    result = run("export", "out", "--id", "root", "--force", "--server", server)
    said = "out/shop/root.json: holds 'other', 'root' is left out; rename the file\n"
    assert (result.exit_code, result.stderr) == (1, said)
    assert Path("out/shop/root.json").read_text() == template_text("other", SHOP)


def test_files_stay_in_the_folder_whatever_a_dashboard_is_called(server: str, storage: Storage) -> None:
    storage.save_template(Template("../.up", compact({**SHOP, "layer": ".."}), 1))
    result = run("export", "out", "--id", "../.up", "--server", server)
    assert (result.exit_code, result.output) == (0, "out/custom/_.up.json: written\n")


def test_a_text_that_is_no_template_is_left_out_of_an_export(server: str, storage: Storage) -> None:
    storage.save_template(Template("broken", "no JSON", 1))
    result = run("export", "out", "--server", server)
    assert result.exit_code == 1
    assert result.stderr == "'broken' is stored with a text that is no JSON object, it is left out\n"
    assert result.stdout.count("written") == 2


def test_an_unknown_id_is_wrong_usage(server: str) -> None:
    result = run("export", "out", "--id", "rot", "--server", server)
    assert result.exit_code == 2
    assert "there is no dashboard 'rot'; did you mean 'root'?" in " ".join(result.stderr.split())


def test_differences_are_shown_whatever_the_order_of_members(server: str) -> None:
    moved = {name: SHOP[name] for name in sorted(SHOP, reverse=True)}
    Path("shop.json").write_text(f"// ours\n{template_text('shop/1', moved)}")
    assert run("diff", "shop.json", "--server", server).exit_code == 0
    Path("shop.json").write_text(template_text("shop/1", {**moved, "entity": "All"}))
    result = run("diff", "shop.json", "--server", server)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:3] == ["shop/1: differs from shop.json", "--- server", "+++ shop.json"]
    changed = [line for line in result.stdout.splitlines()[3:] if line[0] in "-+"]
    assert changed == ['-      "entity": "Service",', '+      "entity": "All",']


def test_dashboards_that_one_side_lacks_are_named(server: str) -> None:
    folder = Path("config/ui-initialized-templates/shop")
    folder.mkdir(parents=True)
    (folder / "new.json").write_text(template_text("new", SHOP))
    (folder / "shop.json").write_text(template_text("shop/1", {**SHOP, "isDefault": True}))
    result = run("diff", "--brief", "--server", server)
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "new: only in config/ui-initialized-templates/shop/new.json",
            "shop/1: differs from config/ui-initialized-templates/shop/shop.json",
            "root: only on the server",
        ],
    )


def test_a_file_that_is_no_template_has_no_difference(server: str) -> None:
    Path("shop.json").write_text("[{]")
    result = run("diff", "shop.json", "--server", server)
    assert result.exit_code == 2
    assert "shop.json:1:3: error DASH101: not JSON: unexpected ]" in result.stderr


def test_what_differs_is_imported_under_its_id(server: str, storage: Storage) -> None:
    storage.save_template(Template("away", "{}", 1, disabled=True))
    new = {**SHOP, "name": "Neu 世界"}
    for name, template_id, configuration in (
        ("a", "root", ROOT),
        ("b", "shop/1", {**SHOP, "isDefault": True}),
        ("c", "new", new),
        ("d", "away", {**SHOP, "name": "Away"}),
    ):
        Path(f"{name}.json").write_text(template_text(template_id, configuration))
    told = run("import", ".", "--dry-run", "--server", server)
    assert told.output == ("root: the same\nshop/1: would be changed\nnew: would be added\naway: would be added\n")
    assert len(storage.templates()) == 2
    result = run("import", ".", "--server", server)
    assert (result.exit_code, result.output) == (0, "root: the same\nshop/1: changed\nnew: added\naway: added\n")
    assert stored(storage, "new") == compact(new)
    assert [one.template_id for one in storage.templates()] == ["away", "new", "root", "shop/1"]
    assert run("import", ".", "--server", server).output.count("the same") == 4


def test_nothing_is_sent_when_a_file_has_mistakes(server: str, storage: Storage) -> None:
    Path("a.json").write_text(template_text("new", {**SHOP, "name": "New"}))
    bad = json.loads(compact(SHOP).replace("http_call_cpm", "http_call_cmp"))
    Path("b.json").write_text(template_text("shop/1", bad))
    result = run("import", "a.json", "b.json", "--server", server)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no metric 'kubernetes_service_http_call_cmp'" in result.stderr
    assert "did you mean 'kubernetes_service_http_call_cpm'?" in result.stderr
    assert result.stderr.endswith("1 finding\nnothing was sent\n")
    assert stored(storage, "shop/1") == compact(SHOP)
    nevertheless = run("import", "a.json", "b.json", "--with-findings", "--server", server)
    assert (nevertheless.exit_code, nevertheless.stdout) == (0, "new: added\nshop/1: changed\n")


def test_nothing_is_sent_when_an_expression_can_have_no_value(server: str, storage: Storage) -> None:
    bad = json.loads(
        compact(SHOP).replace("kubernetes_service_http_call_cpm", "latest(kubernetes_service_percentile{p='50'} && 1)")
    )
    Path("b.json").write_text(template_text("shop/1", bad))
    result = run("import", "b.json", "--server", server)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error DASH307: cannot be evaluated: both sides of '&&' must be comparisons" in result.stderr
    assert stored(storage, "shop/1") == compact(SHOP)


def test_a_name_that_the_server_has_is_taken(server: str) -> None:
    Path("a.json").write_text(template_text("new", SHOP))
    result = run("import", "a.json", "--with-findings", "--server", server)
    assert result.exit_code == 1
    assert "error DASH402: there is another dashboard Shop (layer SHOP, entity Service)" in result.stderr
    assert "it is 'shop/1' in server:shop/1:" in result.stderr


def test_a_server_that_takes_no_changes_says_why(storage: Storage, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(template_text("new", {**SHOP, "name": "New"}))
    with serving(dependencies(storage)) as url:
        result = run("import", str(file), "--server", url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("the server does not take 'new': dashboards cannot be changed here")
    assert "SW_ENABLE_UPDATE_UI_TEMPLATE=true" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code"), [(["export", "out"], 1), (["diff", "a.json"], 2), (["import", "a.json"], 1)]
)
def test_a_server_that_does_not_answer_is_told(
    arguments: list[str], exit_code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text(template_text("new", SHOP))
    result = run(*arguments, "--server", "http://127.0.0.1:9")
    assert result.exit_code == exit_code
    assert "no server answers at http://127.0.0.1:9/graphql" in result.stderr
