from collections.abc import Mapping
from pathlib import Path

import pytest

from oap.commands.storage_places import PlaceError, Places
from oap.config.load import load_config
from oap.config.sections import DuckdbSettings, ElasticsearchSettings, MysqlSettings

CONFIG = Path(__file__).parents[3] / "config"
FORMS = "write config, duckdb:PATH, mysql:JDBC-URL or elasticsearch:URL"
ENVIRON = {"SW_DATA_SOURCE_USER": "us", "SW_DATA_SOURCE_PASSWORD": "secret", "SW_ES_USER": "elastic"}


def places(environ: Mapping[str, str] = ENVIRON) -> Places:
    return Places(load_config(CONFIG, environ), environ)


@pytest.mark.parametrize(
    "text",
    [
        "mysql:jdbc:mysql://db:3307/oap?sslMode=REQUIRED",
        "jdbc:mysql://db:3307/oap?sslMode=REQUIRED",
        "mysql://db:3307/oap?sslMode=REQUIRED",
        "mysql:jdbc:mariadb://db:3307/oap?sslMode=REQUIRED",
    ],
)
def test_a_database_is_named_by_its_url(text: str) -> None:
    place = places().place(text)
    assert (place.selector, place.shown) == ("mysql", "mysql:jdbc:mysql://db:3307/oap")
    assert isinstance(place.settings, MysqlSettings)
    assert place.settings.jdbc_url == "jdbc:mysql://db:3307/oap?sslMode=REQUIRED"
    assert (place.settings.user, place.settings.password) == ("us", "secret")


def test_a_user_may_stand_in_the_url() -> None:
    place = places().place("mysql://reader@db/oap")
    assert isinstance(place.settings, MysqlSettings)
    assert (place.settings.user, place.settings.jdbc_url) == ("reader", "jdbc:mysql://db/oap")


@pytest.mark.parametrize(
    ("text", "protocol", "nodes", "namespace", "shown"),
    [
        ("elasticsearch:http://es:9201", "http", ("es:9201",), "", "elasticsearch:http://es:9201"),
        ("elasticsearch:https://a,b:1/", "https", ("a:9200", "b:1"), "", "elasticsearch:https://a:9200,b:1"),
        ("elasticsearch:es", "http", ("es:9200",), "", "elasticsearch:http://es:9200"),
        ("elasticsearch://es?namespace=x", "http", ("es:9200",), "x", "elasticsearch:http://es:9200?namespace=x"),
    ],
)
def test_a_cluster_is_named_by_its_url(
    text: str, protocol: str, nodes: tuple[str, ...], namespace: str, shown: str
) -> None:
    place = places().place(text)
    settings = place.settings
    assert isinstance(settings, ElasticsearchSettings)
    assert (settings.protocol, settings.cluster_nodes, settings.namespace) == (protocol, nodes, namespace)
    assert (place.shown, settings.user) == (shown, "elastic")


def test_settings_that_tell_indices_apart_may_stand_in_the_url() -> None:
    settings = places().place("elasticsearch:es?logicSharding=true&dayStep=3").settings
    assert isinstance(settings, ElasticsearchSettings)
    assert (settings.logic_sharding, settings.day_step) == (True, 3)


def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    place = places().place(f"duckdb:{tmp_path}/oap.duckdb")
    assert place.settings == DuckdbSettings(path=f"{tmp_path}/oap.duckdb")
    assert place.shown == f"duckdb:{tmp_path}/oap.duckdb"


def test_the_configured_store_is_that_of_the_server() -> None:
    environ = ENVIRON | {"SW_STORAGE": "mysql", "SW_JDBC_URL": "jdbc:mysql://db/oap?sslMode=DISABLED"}
    place = places(environ).place("config", "TO")
    assert place.shown == "mysql:jdbc:mysql://db/oap"
    assert place.settings == places(environ).config.storage


def test_both_sides_may_have_users_of_their_own() -> None:
    environ = ENVIRON | {"OAP_COPY_FROM_USER": "reader", "OAP_COPY_FROM_PASSWORD": "r", "OAP_COPY_TO_PASSWORD": "w"}
    ends = [places(environ).place("mysql://db/oap", side).settings for side in ("FROM", "TO")]
    found = [(end.user, end.password) for end in ends if isinstance(end, MysqlSettings)]
    assert found == [("reader", "r"), ("us", "w")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "mysql://us:secret@db/oap",
            "a password on the command line is seen by everyone on this machine; leave it out and set OAP_COPY_TO_PASSWORD",
        ),
        (
            "mysqll://db/oap",
            f"'mysqll://db/oap' names no store; {FORMS} (did you mean 'mysql'?)",
        ),
        (
            "data/oap.duckdb",
            f"'data/oap.duckdb' names no store; {FORMS} (a file is duckdb:data/oap.duckdb)",
        ),
        ("mysql://db", "'//db' is no URL of a database; write mysql:jdbc:mysql://HOST:3306/DATABASE"),
        ("elasticsearch:ftp://es", "'ftp://es' is no URL of a cluster; write elasticsearch:http://HOST:9200"),
        ("elasticsearch:es?namspace=x", "'namspace' of the URL is no setting here; did you mean 'namespace'?"),
        ("elasticsearch:es?dayStep=0", "'dayStep' of the URL must be an integer of at least 1 (days), found '0'"),
    ],
)
def test_other_names_are_refused_with_the_right_ones(text: str, said: str) -> None:
    with pytest.raises(PlaceError) as raised:
        places().place(text, "TO")
    assert str(raised.value) == said
