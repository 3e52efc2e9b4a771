"""What a start puts into a store, and what it leaves as it is."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from oap.dashboards.error import DashboardError
from oap.dashboards.seeding import load_dashboards, seed
from oap.query.menu import MenuEntry
from oap.storage.contract import Storage, Template
from tests.oap.dashboards.rule_metrics import rule_metrics
from tests.oap.dashboards.small_set import EDGE, FILES, METRICS, POD, SHOP
from tests.oap.query.cluster import memory_store

SHIPPED = Path(__file__).parents[3] / "config"


@pytest.fixture
def storage() -> Iterator[Storage]:
    with memory_store() as opened:
        yield opened


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A configuration folder with the small set of dashboards and a menu."""
    for name, text in FILES.items():
        put(tmp_path, name, text)
    put(tmp_path, "menu.yaml", "menus:\n  - title: Shop\n    layer: SHOP\n")
    return tmp_path


def put(directory: Path, name: str, text: str) -> Path:
    file = directory / "ui-initialized-templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def stored_ids(storage: Storage) -> list[str]:
    return [template.template_id for template in storage.templates()]


def test_all_files_are_stored_as_compact_text(directory: Path, storage: Storage) -> None:
    assert seed(load_dashboards(directory, METRICS), storage, 7).added == ["Edge", "Pod", "Root", "Shop"]
    found = {template.template_id: template for template in storage.templates()}
    assert found["Edge"] == Template(
        "Edge",
        '{"name":"Edge","layer":"SHOP","entity":"ServiceRelation","children":[{"x":0,"y":0,"w":8,"h":10,"i":"0",'
        '"type":"Text","graph":{"content":"nothing","textAlign":"left"}}]}',
        7,
    )
    assert "größte zuerst" in found["Root"].configuration


def test_what_is_stored_stays(directory: Path, storage: Storage) -> None:
    changed, disabled = Template("Edge", '{"name":"Edge"}', 1), Template("Pod", '{"name":"Pod"}', 2, disabled=True)
    storage.save_template(changed)
    storage.save_template(disabled)
    assert seed(load_dashboards(directory, METRICS), storage, 7).added == ["Root", "Shop"]
    assert [one for one in storage.templates(include_disabled=True) if one.update_time < 7] == [changed, disabled]
    assert seed(load_dashboards(directory, METRICS), storage, 8).added == []


def test_what_is_stored_otherwise_is_named(directory: Path, storage: Storage) -> None:
    files = load_dashboards(directory, METRICS)
    seed(files, storage, 7)
    [edge, pod, root, shop] = storage.templates()
    storage.save_template(replace(edge, configuration=edge.configuration.replace("nothing", "something")))
    storage.save_template(replace(pod, configuration=json.dumps(json.loads(pod.configuration), indent=1)))
    storage.save_template(replace(root, configuration="no JSON", disabled=True))
    storage.save_template(replace(shop, configuration="no JSON"))
    assert seed(files, storage, 8).differing == ["Edge", "Shop"]


def test_custom_templates_come_last(directory: Path, storage: Storage) -> None:
    put(directory, "custom/mine.json", POD.replace('"Pod"', '"Mine"'))
    put(directory, "zoo/edge.json", EDGE.replace('"Edge"', '"Zoo"'))
    assert seed(load_dashboards(directory, METRICS), storage, 7).added == ["Edge", "Pod", "Root", "Shop", "Zoo", "Mine"]


def test_an_empty_array_a_hidden_file_and_files_above_count_for_nothing(directory: Path, storage: Storage) -> None:
    put(directory, "shop/empty.json", "[]")
    put(directory, "shop/.hidden.json", "no JSON")
    put(directory, "above.json", "no JSON")
    assert len(seed(load_dashboards(directory, METRICS), storage, 7).added) == 4


def test_without_a_folder_there_is_nothing_to_do(tmp_path: Path, storage: Storage) -> None:
    seeded = seed(load_dashboards(tmp_path, METRICS), storage, 7)
    assert (list(seeded.added), seeded.menu, storage.menu()) == ([], (), None)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "shop/more.json",
            POD.replace('"id": "Pod"', '"id": "More"'),
            r"pod\.json:2:11: error DASH402: there is another",
        ),
        ("custom/more.json", POD, r"custom/more\.json:1:9: error DASH401: the id 'Pod' is taken"),
        ("shop/more.json", "[{}, {}]", r"more\.json:1:6: error DASH102: a second template"),
        ("shop/more.json", "[{]", r"more\.json:1:3: error DASH101: not JSON: unexpected \]"),
        ("shop/more.json", '[{"id": "More", "configuration": {}}]', r"DASH102: the template's 'name' must be"),
        ("menu.yaml", "menus:\n - titel: a", r"menu\.yaml:2:4: unknown key 'menus\[0\]\.titel'"),
    ],
)
def test_files_that_cannot_be_used_keep_a_server_from_starting(
    directory: Path, storage: Storage, name: str, text: str, said: str
) -> None:
    put(directory, name, text)
    with pytest.raises(DashboardError, match=said):
        seed(load_dashboards(directory, METRICS), storage, 7)
    assert (stored_ids(storage), storage.menu()) == ([], None)


def test_a_file_that_is_not_utf_8_keeps_a_server_from_starting(directory: Path, storage: Storage) -> None:
    put(directory, "shop/more.json", "").write_bytes(b'["\xff"]')
    with pytest.raises(DashboardError, match=r"more\.json: is not UTF-8: byte 2"):
        seed(load_dashboards(directory, METRICS), storage, 7)


def test_a_new_file_with_the_name_of_a_stored_dashboard_keeps_a_server_from_starting(
    directory: Path, storage: Storage
) -> None:
    stored = json.dumps({"name": "Pod", "layer": "SHOP", "entity": "ServiceInstance"})
    storage.save_template(Template("of-a-user", stored, 1))
    with pytest.raises(DashboardError) as raised:
        seed(load_dashboards(directory, METRICS), storage, 7)
    assert str(raised.value) == (
        f"{directory}/ui-initialized-templates/shop/pod.json:1: 'Pod' is Pod (layer SHOP, entity ServiceInstance),"
        " which is stored as 'of-a-user'; take the stored id for the file, or another name"
    )
    assert stored_ids(storage) == ["of-a-user"]


def test_the_name_of_a_disabled_dashboard_is_free(directory: Path, storage: Storage) -> None:
    stored = json.dumps({"name": "Pod", "layer": "SHOP", "entity": "ServiceInstance"})
    storage.save_template(Template("of-a-user", stored, 1, disabled=True))
    storage.save_template(Template("of-another", "no JSON", 1))
    assert len(seed(load_dashboards(directory, METRICS), storage, 7).added) == 4


def test_other_mistakes_are_logged(directory: Path, storage: Storage) -> None:
    put(directory, "shop/shop.json", SHOP.replace("shop_time * 2", "shop_tiem"))
    with structlog.testing.capture_logs() as logs:
        assert len(seed(load_dashboards(directory, METRICS), storage, 7).added) == 4
    [entry] = logs
    assert (entry["event"], entry["log_level"]) == ("dashboards have findings", "warning")
    assert "shop.json:8:39: error DASH302: there is no metric 'shop_tiem'" in entry["findings"]


def test_the_menu_is_saved_once(directory: Path, storage: Storage) -> None:
    assert seed(load_dashboards(directory, METRICS), storage, 7).menu == (MenuEntry("Shop", layer="SHOP"),)
    assert storage.menu() == '[{"title":"Shop","layer":"SHOP"}]'
    put(directory, "menu.yaml", "menus:\n  - title: Other\n")
    assert seed(load_dashboards(directory, METRICS), storage, 8).menu == (MenuEntry("Shop", layer="SHOP"),)


def test_a_stored_menu_that_cannot_be_read_gives_way_to_the_file(directory: Path, storage: Storage) -> None:
    storage.save_menu("no JSON", 1)
    with structlog.testing.capture_logs() as logs:
        assert seed(load_dashboards(directory, METRICS), storage, 7).menu == (MenuEntry("Shop", layer="SHOP"),)
    assert [entry["event"] for entry in logs] == ["stored menu cannot be read, the file's is shown"]
    assert storage.menu() == "no JSON"


def test_the_shipped_folder_is_seeded_without_findings(tmp_path: Path, storage: Storage) -> None:
    shutil.copytree(SHIPPED / "ui-initialized-templates", tmp_path / "ui-initialized-templates")
    with structlog.testing.capture_logs() as logs:
        added = seed(load_dashboards(tmp_path, rule_metrics()), storage, 7).added
    assert (logs, sorted(added)) == (
        [],
        [
            "K8S-Endpoint",
            "K8S-Service-Instance-Relation",
            "K8S-Service-Pods",
            "K8S-Service-Relation",
            "K8S-Service-Root",
            "K8S-Service-Service",
        ],
    )
