from dataclasses import replace
from pathlib import Path

import pytest

from oap.config import checks
from oap.config.config import Config
from oap.config.load import load_config
from oap.config.sections import AdminSettings, CoreSettings, PrometheusSettings, WindowSettings


@pytest.fixture
def config() -> Config:
    return load_config(Path(__file__).parents[3] / "config", {})


def test_the_shipped_configuration_breaks_no_law(config: Config) -> None:
    assert [problem for law in checks.LAWS for problem in law(config)] == []


def test_an_unknown_time_zone_is_found(config: Config) -> None:
    wrong = replace(config, core=CoreSettings(time_zone="Berlin"))
    assert list(checks.known_time_zone(wrong)) == [
        (
            "core.default.timeZone",
            "there is no time zone 'Berlin'",
            "write a name like Europe/Berlin, or nothing for the system's zone",
        )
    ]


def test_tls_without_a_certificate_is_found(config: Config) -> None:
    wrong = replace(config, core=CoreSettings(grpc_ssl_enabled=True, grpc_ssl_key_path="key.pem"))
    assert list(checks.complete_server_identity(wrong)) == [
        (
            "core.default.gRPCSslEnabled",
            "TLS of 'core' needs both gRPCSslKeyPath and gRPCSslCertChainPath",
            "name both files or switch gRPCSslEnabled off",
        )
    ]


def test_two_servers_on_one_port_are_found(config: Config) -> None:
    wrong = replace(config, telemetry=PrometheusSettings(port=12800))
    assert [(path, message) for path, message, _ in checks.own_ports(wrong)] == [
        (
            "telemetry.prometheus.port",
            "'telemetry.prometheus.port' is 12800, which 'core.default.restPort' takes already",
        )
    ]


def test_any_number_of_servers_may_take_free_ports(config: Config) -> None:
    free = replace(config, core=CoreSettings(grpc_port=0, rest_port=0), telemetry=PrometheusSettings(port=0))
    assert list(checks.own_ports(free)) == []


def test_too_few_windows_are_found(config: Config) -> None:
    wrong = replace(config, window=WindowSettings(allowed_lateness_s=90, future_tolerance_s=600, max_open_windows=13))
    assert [(path, hint) for path, _, hint in checks.enough_windows(wrong)] == [
        ("window.default.maxOpenWindows", "write at least 14 or shorten the other two")
    ]


def test_a_relative_context_path_is_found(config: Config) -> None:
    wrong = replace(config, core=CoreSettings(rest_context_path="oap"))
    assert list(checks.absolute_context_path(wrong)) == [
        ("core.default.restContextPath", "'oap' must begin with a slash", "write '/oap'")
    ]


@pytest.mark.parametrize(
    ("host", "is_private"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.1.2.3", False), ("oap", False)],
)
def test_an_admin_address_that_others_can_reach_is_found(config: Config, host: str, is_private: bool) -> None:
    found = [(path, hint) for path, _, hint in checks.private_admin_address(replace(config, admin=AdminSettings(host)))]
    assert found == ([] if is_private else [("admin-server.default.host", "write 127.0.0.1")])
