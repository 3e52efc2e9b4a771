"""Templates and the menu in every kind of store."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from oap.dashboards.seeding import load_dashboards, seed
from oap.query.menu import MenuEntry
from oap.storage.contract import Storage, Template
from oap.storage.duckdb import DuckdbStorage
from oap.storage.duckdb import StorageSettings as DuckdbStoreSettings
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlStoreSettings
from tests.oap.dashboards.small_set import FILES, METRICS
from tests.servers.elasticsearch import SearchServer
from tests.servers.mariadb import PASSWORD, USER, MariadbServer

_NAMESPACES = count()

LONGEST = "größe 世界 🚀 '\\\"\n" + "x" * (1_000_000 - 15)
"""As many characters as a store must take, of one to four bytes."""


class Stores:
    """Opens the same store again and again, one at a time."""

    def __init__(self, opener: Callable[[], Storage]) -> None:
        self._opener = opener
        self.storage = opener()
        self.storage.prepare(())

    def reopened(self) -> Storage:
        self.storage.close()
        self.storage = self._opener()
        return self.storage


@pytest.fixture(params=["duckdb", "mysql", "elasticsearch"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    opened = Stores(request.getfixturevalue(f"{request.param}_opener"))
    yield opened
    opened.storage.close()


@pytest.fixture
def duckdb_opener(tmp_path: Path) -> Callable[[], Storage]:
    return lambda: DuckdbStorage(DuckdbStoreSettings(str(tmp_path / "oap.duckdb"), memory_limit_mb=400, threads=1))


@pytest.fixture
def mysql_opener(mariadb: MariadbServer, database: str) -> Callable[[], Storage]:
    return lambda: MysqlStorage(MysqlStoreSettings(mariadb.jdbc_url(database), USER, PASSWORD))


@pytest.fixture
def elasticsearch_opener(elasticsearch: SearchServer) -> Iterator[Callable[[], Storage]]:
    settings = ElasticsearchStoreSettings((elasticsearch.node,), f"D{next(_NAMESPACES)}")
    yield lambda: ElasticsearchStorage(settings)
    elasticsearch.delete_all(settings.namespace)


def test_the_longest_text_is_kept_as_it_is(stores: Stores) -> None:
    assert len(LONGEST) == 1_000_000
    stores.storage.save_template(Template("größe/1 'x'", LONGEST, 7))
    assert list(stores.reopened().templates()) == [Template("größe/1 'x'", LONGEST, 7)]


def test_the_menu_is_saved_replaced_and_kept(stores: Stores) -> None:
    assert stores.storage.menu() is None
    stores.storage.save_menu('[{"title": "größe"}]', 1)
    assert stores.storage.menu() == '[{"title": "größe"}]'
    stores.storage.save_menu("[]", 2)
    assert stores.reopened().menu() == "[]"


def test_menu_and_templates_are_told_apart(stores: Stores) -> None:
    stores.storage.save_menu("[]", 1)
    stores.storage.save_template(Template("1", "{}", 2))
    assert (stores.storage.menu(), list(stores.storage.templates())) == ("[]", [Template("1", "{}", 2)])


def test_a_start_adds_what_is_missing_and_leaves_what_was_changed_or_disabled(stores: Stores, tmp_path: Path) -> None:
    for name, text in FILES.items():
        file = tmp_path / "ui-initialized-templates" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (tmp_path / "ui-initialized-templates" / "menu.yaml").write_text("menus:\n  - title: Läden\n")
    assert seed(load_dashboards(tmp_path, METRICS), stores.storage, 1).added == ["Edge", "Pod", "Root", "Shop"]
    changed, disabled = Template("Edge", '{"name":"Öffnen"}', 2), Template("Pod", "{}", 3, disabled=True)
    stores.storage.save_template(changed)
    stores.storage.save_template(disabled)
    again = seed(load_dashboards(tmp_path, METRICS), stores.reopened(), 4)
    assert (again.added, again.menu) == ([], (MenuEntry("Läden"),))
    assert [one for one in stores.storage.templates(include_disabled=True) if one.update_time > 1] == [
        changed,
        disabled,
    ]
    assert [one.template_id for one in stores.storage.templates()] == ["Edge", "Root", "Shop"]
