"""Component ids of connections, names and ranks of components."""

import pytest

from oap.entity.components import Component, component, component_ids

TCP, HTTP_1, HTTP_2 = 0, 1, 2
PLAIN, TLS = 0, 1
MTLS_POLICY, NO_POLICY = 0, 1


@pytest.mark.parametrize(
    ("protocol", "tls_mode", "policy", "ids"),
    [
        (HTTP_1, PLAIN, None, (49,)),
        (HTTP_2, PLAIN, None, (49,)),
        (HTTP_1, TLS, None, (129,)),
        (HTTP_2, TLS, None, (129,)),
        (TCP, PLAIN, None, (110,)),
        (TCP, TLS, None, (130,)),
        (TCP, 7, None, (110,)),
        (9, TLS, None, (0,)),
        (HTTP_1, TLS, MTLS_POLICY, (142, 162)),
        (TCP, PLAIN, MTLS_POLICY, (142, 162)),
        (HTTP_1, PLAIN, NO_POLICY, (162,)),
        (9, PLAIN, 5, (162,)),
    ],
)
def test_component_ids(protocol: int, tls_mode: int, policy: int | None, ids: tuple[int, ...]) -> None:
    assert component_ids(protocol, tls_mode, policy) == ids


def test_names_and_ranks() -> None:
    assert {number: component(number) for number in (0, 49, 110, 129, 130, 142, 162)} == {
        0: Component("Unknown", 0),
        49: Component("http", 45),
        110: Component("tcp", 10),
        129: Component("https", 46),
        130: Component("tls", 11),
        142: Component("mtls", 12),
        162: Component("ztunnel", 10),
    }


def test_unlisted_component_is_unknown_with_upstreams_default_rank() -> None:
    assert component(1234) == Component("Unknown", 50)
