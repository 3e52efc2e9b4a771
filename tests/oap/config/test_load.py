from pathlib import Path

import pytest

from oap.config.config import Config
from oap.config.finding import ConfigError
from oap.config.load import load_config
from oap.config.sections import (
    CoreSettings,
    DuckdbSettings,
    EbpfReceiverSettings,
    HealthCheckerSettings,
    KubernetesRegistrySettings,
    LogSettings,
    MysqlSettings,
    PrometheusSettings,
    QuerySettings,
    SharingServerSettings,
    WindowSettings,
)

SHIPPED = Path(__file__).parents[3] / "config"


def load(directory: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (directory / "application.yml").write_text(text, encoding="utf-8")
    return load_config(directory, environ or {})


def findings(directory: Path, text: str, environ: dict[str, str] | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load(directory, text, environ)
    return [(found.line, found.message, found.hint) for found in caught.value.findings]


def test_an_empty_file_means_built_in_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    assert config.core == CoreSettings()
    assert {str(value.origin) for value in config.flattened().values()} == {"built-in default"}


def test_the_shipped_file_says_the_built_in_defaults() -> None:
    config = load_config(SHIPPED, {})
    assert config.core == CoreSettings()
    assert config.storage == DuckdbSettings()
    assert config.sharing_server == SharingServerSettings()
    assert config.ebpf_receiver == EbpfReceiverSettings()
    assert config.window == WindowSettings()
    assert config.kubernetes_registry == KubernetesRegistrySettings()
    assert config.query == QuerySettings()
    assert config.telemetry == PrometheusSettings()
    assert config.health_checker == HealthCheckerSettings()
    assert config.logs == LogSettings()


def test_the_shipped_file_mentions_every_setting() -> None:
    values = load_config(SHIPPED, {}).flattened()
    assert [name for name, value in values.items() if not value.origin.line] == []


def test_upstream_variables_reach_their_settings() -> None:
    environ = {
        "SW_CORE_GRPC_PORT": "21800",
        "SW_CORE_REST_PORT": "22800",
        "SW_CORE_METRICS_DATA_TTL": "14",
        "SW_EBPF_ALS_GRPC_MAX_MESSAGE_SIZE": "1000",
        "SW_AUTHENTICATION": "secret",
        "SW_STORAGE_DUCKDB_PATH": "/data/x.duckdb",
        "SW_TELEMETRY_PROMETHEUS_PORT": "0",
        "TZ": "Asia/Shanghai",
    }
    config = load_config(SHIPPED, environ)
    assert config.telemetry is not None
    assert (config.core.grpc_port, config.core.rest_port, config.core.metrics_data_ttl_days) == (21800, 22800, 14)
    assert (config.ebpf_receiver.max_message_size, config.telemetry.port) == (1000, 0)
    assert (config.sharing_server.authentication, config.storage) == ("secret", DuckdbSettings("/data/x.duckdb"))
    assert config.core.time_zone == "Asia/Shanghai"


def test_upstream_variables_reach_the_settings_of_mysql() -> None:
    environ = {
        "SW_STORAGE": "mysql",
        "SW_JDBC_URL": "jdbc:mysql://db:3307/oap",
        "SW_DATA_SOURCE_USER": "me",
        "SW_DATA_SOURCE_PASSWORD": "secret",
        "SW_STORAGE_MYSQL_QUERY_MAX_SIZE": "100",
        "SW_STORAGE_MAX_SIZE_OF_BATCH_SQL": "500",
    }
    config = load_config(SHIPPED, environ)
    assert config.storage == MysqlSettings(
        "jdbc:mysql://db:3307/oap", "me", "secret", metadata_query_max_size=100, max_size_of_batch_sql=500
    )
    values = config.flattened()
    assert values["storage.mysql.properties.dataSource.password"].text == "******"


def test_the_shipped_settings_of_mysql_are_the_built_in_defaults() -> None:
    config = load_config(SHIPPED, {"SW_STORAGE": "mysql"})
    assert config.storage == MysqlSettings()
    assert [name for name, value in config.flattened().items() if not value.origin.line] == []


def test_keys_of_the_java_server_that_mean_nothing_here_are_refused_with_the_reason(tmp_path: Path) -> None:
    text = "storage:\n  mysql:\n    asyncBatchPersistentPoolSize: 4\n    properties:\n      dataSource.cachePrepStmts: true\n"
    assert findings(tmp_path, text) == [
        (
            3,
            (
                "'storage.mysql.asyncBatchPersistentPoolSize' is not taken here: all rows of a hand-over go in one"
                " transaction, there are no queues of records"
            ),
            "leave the line out",
        ),
        (
            5,
            (
                "'storage.mysql.properties.dataSource.cachePrepStmts' is not taken here: rows go in statements of many,"
                " which are not prepared"
            ),
            "leave the line out",
        ),
    ]


def test_an_unknown_key_within_a_group_is_found(tmp_path: Path) -> None:
    text = "storage:\n  mysql:\n    properties:\n      jdbcURL: x\n"
    assert findings(tmp_path, text) == [
        (4, "unknown key 'storage.mysql.properties.jdbcURL'", "did you mean 'jdbcUrl'?")
    ]


def test_modules_can_be_switched_off() -> None:
    config = load_config(SHIPPED, {"SW_TELEMETRY": "none", "SW_HEALTH_CHECKER": "-"})
    assert (config.telemetry, config.health_checker) == (None, None)
    assert config.selectors["telemetry"] == "none"


def test_values_tell_their_origin(tmp_path: Path) -> None:
    text = "core:\n  default:\n    gRPCPort: ${A:1}\n    restPort: ${B:2}\n    gRPCHost: here\n"
    values = load(tmp_path, text, {"A": "3"}).flattened()
    shown = {
        key: (values[f"core.default.{key}"].text, str(values[f"core.default.{key}"].origin))
        for key in ("gRPCPort", "restPort", "gRPCHost", "restHost")
    }
    assert shown == {
        "gRPCPort": ("3", "env A"),
        "restPort": ("2", "application.yml:4, env B not set"),
        "gRPCHost": ("here", "application.yml:5"),
        "restHost": ("0.0.0.0", "built-in default"),
    }


def test_secrets_are_masked(tmp_path: Path) -> None:
    text = "receiver-sharing-server:\n  default:\n    authentication: ${T:}\n"
    key = "receiver-sharing-server.default.authentication"
    assert load(tmp_path, text, {"T": "hush"}).flattened()[key].text == "******"
    assert load(tmp_path, text).texts()[key] == ""


def test_lists_are_read_from_yaml_and_from_one_variable(tmp_path: Path) -> None:
    assert load(tmp_path, "core: {default: {downsampling: [Day]}}").core.downsampling == ("Day",)
    text = "core: {default: {downsampling: '${D:}'}}"
    assert load(tmp_path, text, {"D": "Hour,Day"}).core.downsampling == ("Hour", "Day")
    assert load(tmp_path, "core: {default: {downsampling: []}}").core.downsampling == ()


def test_a_key_without_a_value_keeps_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, "core:\n  default:\n    gRPCPort:\n").core.grpc_port == 11800


def test_all_findings_come_at_once_in_order(tmp_path: Path) -> None:
    text = """\
cor: {}
core:
  default:
    gRPCport: 1
    restPort: high
    metricsDataTTL: ${TTL:7}
    gRPCHost: {a: b}
    restHost: ${NOWHERE}
  other: {}
storage:
  selector: duckbd
"""
    assert findings(tmp_path, text, {"TTL": "1"}) == [
        (1, "unknown key 'cor'", "did you mean 'core'?"),
        (4, "unknown key 'core.default.gRPCport'", "did you mean 'gRPCPort'?"),
        (5, "'core.default.restPort' must be an integer from 0 to 65535, found 'high'", ""),
        (6, "'core.default.metricsDataTTL' must be an integer of at least 2 (days), found '1' (from TTL)", ""),
        (7, "'core.default.gRPCHost' must be a value, found a mapping", ""),
        (8, "environment variable NOWHERE is not set and '${NOWHERE}' has no default", ""),
        (9, "unknown key 'core.other'", "known: default, selector"),
        (11, "'storage.selector' selects 'duckbd'", "did you mean 'duckdb'?"),
    ]


def test_keys_of_blocks_not_selected_are_checked_too(tmp_path: Path) -> None:
    text = "telemetry:\n  selector: none\n  prometheus:\n    porr: 1\n"
    assert findings(tmp_path, text) == [(4, "unknown key 'telemetry.prometheus.porr'", "did you mean 'port'?")]


def test_a_module_that_must_run_cannot_be_switched_off(tmp_path: Path) -> None:
    text = "core:\n  selector: '-'\nreceiver-ebpf:\n  selector: ${E:default}\n"
    assert findings(tmp_path, text, {"E": "-"}) == [
        (2, "'core.selector' selects '-'", "known: default"),
        (4, "'receiver-ebpf.selector' selects '-' (from E)", "known: default"),
    ]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"application\.yml: cannot be read: No such file or directory"):
        load_config(tmp_path, {})
