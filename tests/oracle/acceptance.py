"""The acceptance streams E1 to E8 of spec entities 12, with the rows they must give as literals.

Where our server differs from upstream on purpose the expectation is ours: component ids ascend, and E7 is without its
MESH part (no layer 1 services; components of the K8S relation alone).
"""

from tests.oracle.fixture import (
    ExpectedStream,
    T,
    average,
    connection,
    cpm,
    http,
    ip,
    kernel,
    message,
    node,
    pod,
    relation_rows,
)
from tests.oracle.model import Registry

NOW = 1714566910
"""2024-05-01 12:35:10 UTC."""

REGISTRY: Registry = {
    "10.96.0.10": ("ratings.bookinfo", ""),
    "10.96.0.11": ("reviews.bookinfo", ""),
    "10.96.0.12": ("details.bookinfo", ""),
    "10.244.1.20": ("ratings.bookinfo", "ratings-v1-0"),
    "10.244.1.21": ("reviews.bookinfo", "reviews-v1-0"),
    "10.244.1.30": None,  # a pod that no service selects
}

M33, M34, M35 = 202405011233, 202405011234, 202405011235
HOUR, DAY = 2024050112, 20240501

RA, RV, DT = "ratings.bookinfo", "reviews.bookinfo", "details.bookinfo"
RATINGS_POD, REVIEWS_POD = pod(RA, "ratings-v1-0"), pod(RV, "reviews-v1-0")
SRA, SRV, SUN = "cmF0aW5ncy5ib29raW5mbw==.1", "cmV2aWV3cy5ib29raW5mbw==.1", "VW5rbm93bg==.1"
IRA = "cmF0aW5ncy5ib29raW5mbw==.1_cmF0aW5ncy12MS0w"
IRV = "cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS0w"
IUN = "VW5rbm93bg==.1_VW5rbm93bg=="
REVIEWS_ENDPOINT = "cmV2aWV3cy5ib29raW5mbw==.1_R0VUOi9yZXZpZXdzLzA="
HTTP_1, TLS = "protocol: HTTP_1", "tlsMode: TLS"


def e1_server_side() -> ExpectedStream:
    """A request seen by its server; the answer is written in the next minute."""
    relation, instances = f"{SRA}-{SRV}", f"{IRA}-{IRV}"
    return ExpectedStream(
        "E1",
        (
            message(
                node(),
                connection(REVIEWS_POD, ip("10.244.1.20"), "server", more=HTTP_1),
                kernel("read", T, 40000, "l2Metrics { totalPackageSize: 312 }"),
                kernel("write", T + 12900000, 50000, "l4Metrics { totalPackageSize: 950 }"),
                http("/reviews/0", 200),
            ),
        ),
        REGISTRY,
        NOW,
        received=3,
        folded=3,
        service_traffic={(SRV, 17): (RV, M34)},
        instance_traffic={IRV: (SRV, "reviews-v1-0", M34, M34)},
        endpoint_traffic={REVIEWS_ENDPOINT: (SRV, "GET:/reviews/0", M34, M34)},
        service_relations=relation_rows("server", relation, (SRA, SRV, (49,)), (M34, M35)),
        instance_relations=relation_rows("server", instances, (SRA, IRA, SRV, IRV), (M34, M35)),
        metric_entities=frozenset({SRV, IRV, relation, instances, REVIEWS_ENDPOINT}),
        silent=frozenset({"kubernetes_service_connect_cpm", "kubernetes_service_relation_client_read_cpm"}),
        metrics={
            ("kubernetes_service_read_time", SRV, M34): average(40000, 1, 40000),
            ("kubernetes_service_read_package_size", SRV, M34): {"value": 312},
            ("kubernetes_service_write_time", SRV, M35): average(50000, 1, 50000),
            ("kubernetes_service_write_package_size", SRV, M35): {"value": 950},
            ("kubernetes_service_write_package_size", SRV, HOUR): {"value": 950},
            ("kubernetes_service_http_call_cpm", SRV, M34): cpm(1, 1),
            ("kubernetes_service_http_call_cpm", SRV, HOUR): cpm(0, 1),
            ("kubernetes_service_http_call_cpm", SRV, DAY): cpm(0, 1),
            ("kubernetes_service_http_call_time", SRV, M34): average(12, 1, 12),
            ("kubernetes_service_http_call_successful_rate", SRV, M34): {"total": 1, "percentage": 10000, "match": 1},
            ("kubernetes_service_apdex", SRV, M34): {"total_num": 1, "s_num": 1, "t_num": 0, "int_value": 10000},
            ("kubernetes_service_percentile", SRV, M34): {
                "datatable_value": {"{p=50}": 10, "{p=75}": 10, "{p=90}": 10, "{p=95}": 10, "{p=99}": 10},
                "precision": 10,
                "dataset": {1: 1},
            },
            ("kubernetes_service_instance_read_time", IRV, M34): average(40000, 1, 40000),
            ("kubernetes_service_relation_server_read_package_duration", relation, M34): {"value": 40000},
            ("kubernetes_service_relation_server_write_package_duration", relation, M35): {"value": 50000},
            ("kubernetes_service_relation_server_http_success_cpm", relation, M34): cpm(1, 1),
            ("kubernetes_service_instance_relation_server_http_call_time", instances, M34): average(12, 1, 12),
            ("kubernetes_service_endpoint_call_cpm", REVIEWS_ENDPOINT, M34): cpm(1, 1),
            ("kubernetes_service_endpoint_call_time", REVIEWS_ENDPOINT, M34): average(12, 1, 12),
        },
    )


def e2_client_by_cluster_ip() -> ExpectedStream:
    """A service IP hides the instance."""
    relation = f"{SRA}-{SRV}"
    return ExpectedStream(
        "E2",
        (
            message(
                node(),
                connection(RATINGS_POD, ip("10.96.0.11"), "client", more=HTTP_1),
                kernel("connect", T - 3000000, 500000, "success: true"),
                kernel("write", T, 40000),
                http("/reviews/0", 200),
            ),
        ),
        REGISTRY,
        NOW,
        received=3,
        folded=3,
        service_traffic={(SRA, 17): (RA, M34)},
        instance_traffic={IRA: (SRA, "ratings-v1-0", M34, M34)},
        service_relations=relation_rows("client", relation, (SRA, SRV, (49,)), (M34,)),
        metric_entities=frozenset({SRA, IRA, relation}),
        silent=frozenset({"kubernetes_service_http_call_cpm", "kubernetes_service_relation_server_http_call_cpm"}),
        metrics={
            ("kubernetes_service_connect_time", SRA, M34): average(500000, 1, 500000),
            ("kubernetes_service_connect_success_cpm", SRA, M34): cpm(1, 1),
            ("kubernetes_service_instance_write_time", IRA, M34): average(40000, 1, 40000),
            ("kubernetes_service_relation_connect_duration", relation, M34): {"value": 500000},
            ("kubernetes_service_relation_client_http_call_time", relation, M34): average(12, 1, 12),
            ("kubernetes_service_relation_client_http_status_2xx_cpm", relation, M34): cpm(1, 1),
        },
    )


def e3_unknown_peer() -> ExpectedStream:
    """Relations lead to Unknown, which is no service of its own."""
    relation, instances = f"{SRA}-{SUN}", f"{IRA}-{IUN}"
    return ExpectedStream(
        "E3",
        (
            message(
                node(),
                connection(RATINGS_POD, ip("8.8.8.8"), "client", more=TLS),
                kernel("write", T, 40000),
                kernel("close", T + 10**9, 2000),
            ),
        ),
        REGISTRY,
        NOW,
        received=2,
        folded=2,
        service_traffic={(SRA, 17): (RA, M34)},
        instance_traffic={IRA: (SRA, "ratings-v1-0", M34, M35)},
        service_relations=relation_rows("client", relation, (SRA, SUN, (130,)), (M34, M35)),
        instance_relations=relation_rows("client", instances, (SRA, IRA, SUN, IUN), (M34, M35)),
        metric_entities=frozenset({SRA, IRA, relation, instances}),
        metrics={
            ("kubernetes_service_close_time", SRA, M35): average(2000, 1, 2000),
            ("kubernetes_service_relation_client_write_cpm", relation, M34): cpm(1, 1),
            ("kubernetes_service_instance_relation_close_duration", instances, M35): {"value": 2000},
        },
    )


def e4_drops() -> ExpectedStream:
    """Nothing is stored; every log has its reason."""
    return ExpectedStream(
        "E4",
        (
            message(kernel("write")),
            message(
                connection(ip("10.244.1.30"), ip("8.8.8.8")), kernel("read"), kernel("write"), http("/reviews/0", 200)
            ),
            message(connection("", ip("8.8.8.8")), kernel("write")),
            message(connection(REVIEWS_POD, ip("10.96.0.11")), kernel("write")),
            message(kernel("write")),
        ),
        REGISTRY,
        NOW,
        received=7,
        folded=0,
        dropped={"no_connection": 1, "same_service": 5, "connection_loss": 1},
        drop_details={
            ("same_service", "Unknown"): 1,
            ("connection_loss", "null_8.8.8.8"): 1,
            ("same_service", RV): 1,
        },
    )


def e5_unknown_local_server() -> ExpectedStream:
    """An unknown local side has relations and endpoints, but is no service or instance."""
    relation, instances = f"{SRA}-{SUN}", f"{IRA}-{IUN}"
    endpoint = "VW5rbm93bg==.1_UE9TVDoveA=="
    return ExpectedStream(
        "E5",
        (
            message(
                node(),
                connection(ip("10.244.1.30"), ip("10.244.1.20"), "server", more="protocol: HTTP_2"),
                http("/x", 500, T, 500000000, method="Post"),
            ),
        ),
        REGISTRY,
        NOW,
        received=1,
        folded=1,
        endpoint_traffic={endpoint: (SUN, "POST:/x", M34, M34)},
        service_relations=relation_rows("server", relation, (SRA, SUN, (49,)), (M34,)),
        instance_relations=relation_rows("server", instances, (SRA, IRA, SUN, IUN), (M34,)),
        metric_entities=frozenset({relation, instances, endpoint}),
        silent=frozenset({"kubernetes_service_relation_server_http_success_cpm"}),
        metrics={
            ("kubernetes_service_relation_server_http_call_time", relation, M34): average(500, 1, 500),
            ("kubernetes_service_relation_server_apdex", relation, M34): {
                "total_num": 1,
                "s_num": 0,
                "t_num": 0,
                "int_value": 0,
            },
            ("kubernetes_service_instance_relation_server_http_status_5xx_cpm", instances, M34): cpm(1, 1),
            ("kubernetes_service_endpoint_call_successful_rate", endpoint, M34): {
                "total": 1,
                "percentage": 0,
                "match": 0,
            },
            ("kubernetes_service_endpoint_call_time", endpoint, M34): average(500, 1, 500),
        },
    )


def e6_state_and_cluster() -> ExpectedStream:
    """A connection lasts until the next one; looked-up names get the cluster's prefix."""
    sra, srv, sdt = (
        "cHJvZDo6cmF0aW5ncy5ib29raW5mbw==.1",
        "cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1",
        "cHJvZDo6ZGV0YWlscy5ib29raW5mbw==.1",
    )
    ira, irv = f"{sra}_cmF0aW5ncy12MS0w", f"{srv}_cmV2aWV3cy12MS0w"
    local = pod("prod::reviews.bookinfo", "reviews-v1-0")
    return ExpectedStream(
        "E6",
        (
            message(
                node("prod"),
                connection(local, ip("10.244.1.20"), "server"),
                kernel("accept", 9190 * 10**9, 7000),
            ),
            message(kernel("read", 9250 * 10**9, 40000)),
            message(connection(local, ip("10.96.0.12"), "client"), kernel("write", 9260 * 10**9, 40000)),
        ),
        REGISTRY,
        NOW,
        received=3,
        folded=3,
        service_traffic={(srv, 17): ("prod::reviews.bookinfo", M33)},
        instance_traffic={irv: (srv, "reviews-v1-0", M33, M34)},
        service_relations={
            **relation_rows("server", f"{sra}-{srv}", (sra, srv, (110,)), (M33, M34)),
            **relation_rows("client", f"{srv}-{sdt}", (srv, sdt, (110,)), (M34,)),
        },
        instance_relations=relation_rows("server", f"{ira}-{irv}", (sra, ira, srv, irv), (M33, M34)),
        metric_entities=frozenset({srv, irv, f"{sra}-{srv}", f"{ira}-{irv}", f"{srv}-{sdt}"}),
        metrics={
            ("kubernetes_service_accept_time", srv, M33): average(7000, 1, 7000),
            ("kubernetes_service_read_cpm", srv, M34): cpm(1, 1),
            ("kubernetes_service_relation_accept_duration", f"{sra}-{srv}", M33): {"value": 7000},
            ("kubernetes_service_relation_client_write_cpm", f"{srv}-{sdt}", M34): cpm(1, 1),
        },
    )


def e7_ztunnel_outbound() -> ExpectedStream:
    """The tunnel knows the real destination (K8S part only)."""
    relation, instances = f"{SRA}-{SRV}", f"{IRA}-{IRV}"
    tunnel = 'attachment { zTunnel { real_destination_ip: "10.244.1.21" } }'
    return ExpectedStream(
        "E7",
        (
            message(
                node(),
                connection(RATINGS_POD, ip("127.0.0.1"), "client", more=f"{HTTP_1} {tunnel}"),
                kernel("write", T, 40000, "l4Metrics { totalPackageSize: 312 }"),
                http("/reviews/0", 503),
            ),
        ),
        REGISTRY,
        NOW,
        received=2,
        folded=2,
        service_traffic={(SRA, 17): (RA, M34)},
        instance_traffic={IRA: (SRA, "ratings-v1-0", M34, M34)},
        service_relations=relation_rows("client", relation, (SRA, SRV, (142, 162)), (M34,)),
        instance_relations=relation_rows("client", instances, (SRA, IRA, SRV, IRV), (M34,)),
        metric_entities=frozenset({SRA, IRA, relation, instances}),
        silent=frozenset({"kubernetes_service_relation_client_http_success_cpm"}),
        metrics={
            ("kubernetes_service_relation_client_write_package_size", relation, M34): {"value": 312},
            ("kubernetes_service_relation_client_http_call_duration", relation, M34): {"value": 12},
            ("kubernetes_service_relation_client_http_status_5xx_cpm", relation, M34): cpm(1, 1),
        },
    )


def e8_proxy_role() -> ExpectedStream:
    """A proxy writes no relation rows, though metrics of any detect point would count its connections."""
    return ExpectedStream(
        "E8",
        (
            message(
                node(),
                connection(REVIEWS_POD, ip("10.244.1.20"), "proxy", more=HTTP_1),
                http("/reviews/0", 404),
            ),
        ),
        REGISTRY,
        NOW,
        received=1,
        folded=1,
        service_traffic={(SRV, 17): (RV, M34)},
        instance_traffic={IRV: (SRV, "reviews-v1-0", M34, M34)},
        endpoint_traffic={REVIEWS_ENDPOINT: (SRV, "GET:/reviews/0", M34, M34)},
        metric_entities=frozenset({REVIEWS_ENDPOINT}),
        metrics={
            ("kubernetes_service_endpoint_call_successful_rate", REVIEWS_ENDPOINT, M34): {
                "total": 1,
                "percentage": 10000,
                "match": 1,
            },
            ("kubernetes_service_endpoint_http_status_4xx_cpm", REVIEWS_ENDPOINT, M34): cpm(1, 1),
        },
    )


def acceptance_streams() -> tuple[ExpectedStream, ...]:
    """All eight, in order."""
    return (
        e1_server_side(),
        e2_client_by_cluster_ip(),
        e3_unknown_peer(),
        e4_drops(),
        e5_unknown_local_server(),
        e6_state_and_cluster(),
        e7_ztunnel_outbound(),
        e8_proxy_role(),
    )
