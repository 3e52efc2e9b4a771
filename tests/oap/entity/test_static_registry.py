"""The address file."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.entity.addresses import AddressRegistry, ResolvedAddress
from oap.entity.static_registry import StaticRegistry, parse_address_table

SHIPPED = Path(__file__).parents[3] / "config" / "kubernetes-registry.yml"
BOOKINFO = """
services:
  - {name: ratings, namespace: bookinfo, clusterIPs: [10.96.0.10], selector: {app: ratings}}
  - name: reviews
    namespace: bookinfo
    clusterIPs: [10.96.0.11]
    loadBalancerIPs: [203.0.113.7]
    selector: {app: reviews}
  - {name: late, namespace: bookinfo, clusterIPs: [10.96.0.11]}
pods:
  - {name: ratings-v1-0, namespace: bookinfo, ip: 10.244.1.20, labels: {app: ratings, version: 1, empty: ""}}
  - {name: orphan-0, namespace: bookinfo, ip: 10.244.1.30, labels: {app: orphan}}
  - {name: waiting-0, namespace: bookinfo}
"""


@pytest.mark.parametrize(
    ("host", "resolved"),
    [
        ("10.96.0.10", ResolvedAddress("ratings.bookinfo", "")),
        ("10.96.0.11", ResolvedAddress("reviews.bookinfo", "")),
        ("203.0.113.7", ResolvedAddress("reviews.bookinfo", "")),
        ("10.244.1.20", ResolvedAddress("ratings.bookinfo", "ratings-v1-0")),
        ("10.244.1.30", None),
        ("8.8.8.8", None),
        ("", None),
    ],
)
def test_look_up(host: str, resolved: ResolvedAddress | None) -> None:
    assert parse_address_table(BOOKINFO, "k.yml").resolve(host) == resolved


def test_shipped_file_knows_nothing() -> None:
    registry: AddressRegistry = StaticRegistry(SHIPPED)
    assert registry.resolve("10.96.0.10") is None
    assert (registry.valid_for_s, registry.version) == (180, 0)


def test_reload_uses_the_new_text_and_changes_the_version(tmp_path: Path) -> None:
    path = tmp_path / "k.yml"
    path.write_text(BOOKINFO)
    registry = StaticRegistry(path)
    path.write_text("services: [{name: new, namespace: ns, clusterIPs: [10.96.0.10]}]")
    registry.reload()
    assert registry.resolve("10.96.0.10") == ResolvedAddress("new.ns", "")
    assert registry.version == 1


def test_reload_of_a_wrong_text_keeps_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "k.yml"
    path.write_text(BOOKINFO)
    registry = StaticRegistry(path)
    path.write_text("services: [{name: new}]")
    with pytest.raises(ConfigError):
        registry.reload()
    assert registry.resolve("10.96.0.10") == ResolvedAddress("ratings.bookinfo", "")
    assert registry.version == 0


def test_all_problems_are_reported_with_place_and_hint() -> None:
    text = """service: []
services:
  - name: a
    namespace: ns
    clusterIP: [10.0.0.1]
    clusterIPs: [10.0.0.300, "FE80::1"]
  - name: a
    namespace: ns
    selector: [app]
  -
pods:
  - name: p
    ip: [1]
  - text
"""
    with pytest.raises(ConfigError) as caught:
        parse_address_table(text, "k.yml")
    assert [(f.line, f.column, f.message, f.hint) for f in caught.value.findings] == [
        (1, 1, "unknown key 'service'", "did you mean 'services'?"),
        (5, 5, "unknown key 'services[0].clusterIP'", "did you mean 'clusterIPs'?"),
        (6, 18, "'10.0.0.300' is no IP address", ""),
        (6, 30, "'FE80::1' is not how this IP address is sent", "write fe80::1"),
        (7, 11, "service 'a' of namespace 'ns' is listed twice", ""),
        (9, 15, "'services[1].selector' must be a mapping, found a list", ""),
        (10, 4, "'services[2]' is empty", ""),
        (12, 5, "'pods[0]' lacks the key 'namespace'", ""),
        (14, 5, "'pods[1]' must be a mapping, found 'text'", ""),
    ]
