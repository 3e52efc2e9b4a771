from collections.abc import Iterator

import pytest

from tests.oap.query.client import ask
from tests.oap.query.cluster import dependencies, memory_store, serving

ADD = "mutation ($s: NewDashboardSetting!) { addTemplate(setting: $s) { id status message } }"
CHANGE = "mutation ($s: DashboardSetting!) { changeTemplate(setting: $s) { id status message } }"
DISABLE = "mutation ($id: String!) { disableTemplate(id: $id) { id status message } }"
GET = "query ($id: String!) { getTemplate(id: $id) { id configuration } }"
ALL = "query templates { getAllTemplates { id configuration } }"
TEXT = '{ "name": "Übersicht",  "layer": "K8S_SERVICE" }'


@pytest.fixture
def open_url() -> Iterator[str]:
    with memory_store() as storage, serving(dependencies(storage, can_change_templates=True)) as url:
        yield url


def test_template_is_added_changed_disabled_and_enabled_again(open_url: str) -> None:
    added = ask(open_url, ADD, s={"configuration": TEXT})["addTemplate"]
    template_id = added["id"]
    assert (added["status"], added["message"]) == (True, None)
    assert ask(open_url, GET, id=template_id)["getTemplate"] == {"id": template_id, "configuration": TEXT}
    assert ask(open_url, DISABLE, id=template_id)["disableTemplate"]["status"] is True
    assert ask(open_url, GET, id=template_id)["getTemplate"] is None
    assert ask(open_url, ALL)["getAllTemplates"] == []
    changed = ask(open_url, CHANGE, s={"id": template_id, "configuration": "{}"})["changeTemplate"]
    assert changed == {"id": template_id, "status": True, "message": None}
    assert ask(open_url, ALL)["getAllTemplates"] == [{"id": template_id, "configuration": "{}"}]


def test_unknown_template_cannot_be_disabled(open_url: str) -> None:
    assert ask(open_url, DISABLE, id="x")["disableTemplate"] == {
        "id": "x",
        "status": False,
        "message": "there is no template 'x'",
    }
    assert ask(open_url, GET, id="x")["getTemplate"] is None


def test_nothing_changes_while_changes_are_switched_off(cluster_url: str) -> None:
    refusals = [
        ask(cluster_url, ADD, s={"configuration": "{}"})["addTemplate"],
        ask(cluster_url, CHANGE, s={"id": "x", "configuration": "{}"})["changeTemplate"],
        ask(cluster_url, DISABLE, id="x")["disableTemplate"],
    ]
    assert [(one["id"], one["status"]) for one in refusals] == [("", False), ("x", False), ("x", False)]
    assert all("SW_ENABLE_UPDATE_UI_TEMPLATE" in one["message"] for one in refusals)
    assert ask(cluster_url, ALL)["getAllTemplates"] == []


def test_the_longest_text_is_kept_as_it_is_and_a_longer_one_refused(open_url: str) -> None:
    longest = "größe 世界 🚀\n" + "x" * 999_989
    assert ask(open_url, CHANGE, s={"id": "ü/1", "configuration": longest})["changeTemplate"]["status"] is True
    refusals = [
        ask(open_url, CHANGE, s={"id": "ü/1", "configuration": f"{longest}x"})["changeTemplate"],
        ask(open_url, ADD, s={"configuration": f"{longest}x"})["addTemplate"],
    ]
    reason = "a dashboard may have 1000000 characters, this one has 1000001"
    assert refusals == [{"id": one, "status": False, "message": reason} for one in ("ü/1", "")]
    assert ask(open_url, ALL)["getAllTemplates"] == [{"id": "ü/1", "configuration": longest}]


MENU = """query menuItems { getMenuItems { title icon layer activate description documentLink i18nKey
    subItems { title icon layer activate description documentLink i18nKey } } }"""


def test_menu_is_active_where_there_are_services(cluster_url: str, open_url: str) -> None:
    kubernetes, _, database = ask(cluster_url, MENU)["getMenuItems"]
    assert kubernetes == {
        "title": "Kubernetes",
        "icon": "kubernetes",
        "layer": "",
        "activate": True,
        "description": None,
        "documentLink": None,
        "i18nKey": "kubernetes",
        "subItems": [
            {
                "title": "Service",
                "icon": None,
                "layer": "K8S_SERVICE",
                "activate": True,
                "description": None,
                "documentLink": None,
                "i18nKey": None,
            }
        ],
    }
    assert (database["activate"], database["subItems"][0]["documentLink"]) == (False, "https://127.0.0.1/")
    assert [item["activate"] for item in ask(cluster_url, MENU)["getMenuItems"]] == [True, True, False]
    assert [item["activate"] for item in ask(open_url, MENU)["getMenuItems"]] == [False, False, False]
