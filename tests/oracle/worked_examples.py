"""The messages of spec receiver-protocol 5, with the rows they must give as literals (less the MESH part of 5.4)."""

from tests.oracle.fixture import ExpectedStream, average, cpm, message, relation_rows
from tests.oracle.model import Registry

NOW = 1767225600 + 3780
"""2026-01-01 01:03:00 UTC, more than an hour after boot."""

M00, M01, M02 = 202601010100, 202601010101, 202601010102

REVIEWS = "cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1"
REDIS = "cHJvZDo6cmVkaXMuYm9va2luZm8=.1"
PRODUCTPAGE = "cHJvZDo6cHJvZHVjdHBhZ2UuYm9va2luZm8=.1"
RATINGS = "cHJvZDo6cmF0aW5ncy5ib29raW5mbw==.1"
DETAILS = "cHJvZDo6ZGV0YWlscy5ib29raW5mbw==.1"
UNKNOWN = "VW5rbm93bg==.1"
REVIEWS_POD = "cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS03ZjljLXgyazhk"
REDIS_POD = "cHJvZDo6cmVkaXMuYm9va2luZm8=.1_cmVkaXMtMA=="
PRODUCTPAGE_POD = "cHJvZDo6cHJvZHVjdHBhZ2UuYm9va2luZm8=.1_cHJvZHVjdHBhZ2UtdjEtNmI3NC05cmxtaA=="
RATINGS_POD = "cHJvZDo6cmF0aW5ncy5ib29raW5mbw==.1_cmF0aW5ncy12MS1hYmM="
DETAILS_POD = "cHJvZDo6ZGV0YWlscy5ib29raW5mbw==.1_ZGV0YWlscy12MS1xNw=="
UNKNOWN_POD = "VW5rbm93bg==.1_VW5rbm93bg=="
ENDPOINT = "cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1_R0VUOi9yZXZpZXdzLzA="

NODE = """
node {
  name: "worker-1"
  netInterfaces { index: 1 mtu: 65536 name: "lo" }
  netInterfaces { index: 2 mtu: 1500 name: "eth0" }
  bootTime { seconds: 1767225600 nanos: 250000000 }
  clusterName: "prod"
  policy { excludeNamespaces: "istio-system" excludeNamespaces: "kube-system" }
}
"""
PLAIN_KERNEL_LOGS = """
connection {
  local { kubernetes { serviceName: "prod::reviews.bookinfo" podName: "reviews-v1-7f9c-x2k8d"
    containerName: "reviews" processName: "java" port: 43122 } }
  remote { kubernetes { serviceName: "prod::redis.bookinfo" podName: "redis-0"
    containerName: "redis" processName: "redis-server" port: 6379 } }
  role: client tlsMode: Plain protocol: TCP
}
kernelLogs { connect { startTime { offset { offset: 3600123456789 } } endTime { offset { offset: 3600123856789 } }
  success: true } }
kernelLogs { write {
  startTime { offset { offset: 3600124000000 } } endTime { offset { offset: 3600124084000 } } syscall: SendTo
  l4Metrics { totalDuration: 61000 totalTransmitPackageCount: 1 totalPackageSize: 512 }
  l3Metrics { totalDuration: 40000 totalLocalDuration: 9000 totalOutputDuration: 21000
    totalNetFilterCount: 4 totalNetFilterDuration: 6000 }
  l2Metrics { totalDuration: 15000 ifindex: 2 totalEnterQueueBufferCount: 1 totalReadySendDuration: 2000
    totalNetDeviceSendDuration: 3000 }
} }
kernelLogs { read {
  startTime { offset { offset: 3600124100000 } } endTime { offset { offset: 3600124940000 } } syscall: RecvFrom
  l2Metrics { ifindex: 2 totalPackageCount: 2 totalPackageSize: 1400 totalPackageToQueueDuration: 22000
    totalRcvPackageFromQueueDuration: 43000 }
  l3Metrics { totalDuration: 12000 totalRecvDuration: 4000 totalLocalDuration: 3000 }
  l4Metrics { totalDuration: 9000 }
} }
"""
SERVER_HTTP = """
connection {
  local { kubernetes { serviceName: "prod::reviews.bookinfo" podName: "reviews-v1-7f9c-x2k8d"
    containerName: "reviews" processName: "java" port: 9080 } }
  remote { kubernetes { serviceName: "prod::productpage.bookinfo" podName: "productpage-v1-6b74-9rlmh"
    containerName: "productpage" processName: "python3" port: 51744 } }
  role: server tlsMode: Plain protocol: HTTP_1
}
kernelLogs { read { startTime { offset { offset: 3661000000000 } } endTime { offset { offset: 3661000050000 } }
  syscall: Read l2Metrics { ifindex: 2 totalPackageCount: 1 totalPackageSize: 478 } } }
kernelLogs { write { startTime { offset { offset: 3661012000000 } } endTime { offset { offset: 3661012345678 } }
  syscall: Write l4Metrics { totalTransmitPackageCount: 1 totalPackageSize: 640 } l2Metrics { ifindex: 2 } } }
protocolLog { http {
  startTime { offset { offset: 3661000000000 } } endTime { offset { offset: 3661012345678 } } version: HTTP1
  request { method: Get path: "/reviews/0" sizeOfHeadersBytes: 412 host: "reviews:9080"
    trace { provider: SkyWalking traceId: "t-1" traceSegmentId: "s-1" spanId: "1" } }
  response { statusCode: 200 sizeOfHeadersBytes: 180 sizeOfBodyBytes: 378 }
} }
"""
IP_REMOTE = """
connection {
  local { kubernetes { serviceName: "prod::reviews.bookinfo" podName: "reviews-v1-7f9c-x2k8d"
    containerName: "reviews" processName: "java" port: 40210 } }
  remote { ip { host: "10.96.14.2" port: 9080 } }
  role: client tlsMode: TLS protocol: TCP
}
kernelLogs { close { startTime { offset { offset: 3700000000000 } } endTime { offset { offset: 3700000004000 } } } }
"""
ZTUNNEL = """
connection {
  local { kubernetes { serviceName: "prod::productpage.bookinfo" podName: "productpage-v1-6b74-9rlmh"
    containerName: "productpage" processName: "python3" port: 52100 } }
  remote { ip { host: "10.96.20.9" port: 9080 } }
  role: client tlsMode: Plain protocol: HTTP_1
  attachment { zTunnel { real_destination_ip: "10.244.1.23" by: ZTUNNEL_OUTBOUND_FUNC security_policy: MTLS } }
}
kernelLogs { write { startTime { offset { offset: 3720000000000 } } endTime { offset { offset: 3720000090000 } }
  syscall: SendTo l4Metrics { totalTransmitPackageCount: 1 totalPackageSize: 300 } } }
kernelLogs { read { startTime { offset { offset: 3720000100000 } } endTime { offset { offset: 3720004000000 } }
  syscall: RecvFrom l2Metrics { totalPackageCount: 1 totalPackageSize: 900 } } }
protocolLog { http { startTime { offset { offset: 3720000000000 } } endTime { offset { offset: 3720004000000 } }
  version: HTTP1 request { method: Get path: "/details/0" host: "details:9080" } response { statusCode: 503 } } }
"""

REGISTRY: Registry = {
    "10.96.14.2": ("ratings.bookinfo", ""),
    "10.96.20.9": ("elsewhere.bookinfo", ""),
    "10.244.1.23": ("details.bookinfo", "details-v1-q7"),
}


def whole_stream() -> ExpectedStream:
    """Messages (a) to (d) of one stream; 10.96.14.2 is the ClusterIP of ratings."""
    to_redis, redis_pods = f"{REVIEWS}-{REDIS}", f"{REVIEWS_POD}-{REDIS_POD}"
    from_page, page_pods = f"{PRODUCTPAGE}-{REVIEWS}", f"{PRODUCTPAGE_POD}-{REVIEWS_POD}"
    to_ratings = f"{REVIEWS}-{RATINGS}"
    to_details, details_pods = f"{PRODUCTPAGE}-{DETAILS}", f"{PRODUCTPAGE_POD}-{DETAILS_POD}"
    return ExpectedStream(
        "worked examples (a) to (d)",
        (message(NODE, PLAIN_KERNEL_LOGS), message(SERVER_HTTP), message(IP_REMOTE), message(ZTUNNEL)),
        REGISTRY,
        NOW,
        received=10,
        folded=10,
        service_traffic={
            (REVIEWS, 17): ("prod::reviews.bookinfo", M00),
            (PRODUCTPAGE, 17): ("prod::productpage.bookinfo", M02),
        },
        instance_traffic={
            REVIEWS_POD: (REVIEWS, "reviews-v1-7f9c-x2k8d", M00, M01),
            PRODUCTPAGE_POD: (PRODUCTPAGE, "productpage-v1-6b74-9rlmh", M02, M02),
        },
        endpoint_traffic={ENDPOINT: (REVIEWS, "GET:/reviews/0", M01, M01)},
        service_relations={
            **relation_rows("client", to_redis, (REVIEWS, REDIS, (110,)), (M00,)),
            **relation_rows("server", from_page, (PRODUCTPAGE, REVIEWS, (49,)), (M01,)),
            **relation_rows("client", to_ratings, (REVIEWS, RATINGS, (130,)), (M01,)),
            **relation_rows("client", to_details, (PRODUCTPAGE, DETAILS, (142, 162)), (M02,)),
        },
        instance_relations={
            **relation_rows("client", redis_pods, (REVIEWS, REVIEWS_POD, REDIS, REDIS_POD), (M00,)),
            **relation_rows("server", page_pods, (PRODUCTPAGE, PRODUCTPAGE_POD, REVIEWS, REVIEWS_POD), (M01,)),
            **relation_rows("client", details_pods, (PRODUCTPAGE, PRODUCTPAGE_POD, DETAILS, DETAILS_POD), (M02,)),
        },
        metric_entities=frozenset({REVIEWS, REVIEWS_POD, PRODUCTPAGE, PRODUCTPAGE_POD, ENDPOINT})
        | {to_redis, redis_pods, from_page, page_pods, to_ratings, to_details, details_pods},
        silent=frozenset({"kubernetes_service_accept_cpm"}),
        metrics={
            ("kubernetes_service_connect_time", REVIEWS, M00): average(400000, 1, 400000),
            ("kubernetes_service_write_time", REVIEWS, M00): average(84000, 1, 84000),
            ("kubernetes_service_read_time", REVIEWS, M00): average(840000, 1, 840000),
            ("kubernetes_service_write_l4_time", REVIEWS, M00): average(61000, 1, 61000),
            ("kubernetes_service_write_l3_output_time", REVIEWS, M00): average(21000, 1, 21000),
            ("kubernetes_service_write_netfilter_cpm", REVIEWS, M00): {"value": 4},
            ("kubernetes_service_write_netfilter_duration", REVIEWS, M00): {"value": 6000},
            ("kubernetes_service_write_l2_ready_avg_send_duration", REVIEWS, M00): average(2000, 1, 2000),
            ("kubernetes_service_instance_write_l2_net_device_send_time", REVIEWS_POD, M00): average(3000, 1, 3000),
            ("kubernetes_service_read_package_cpm", REVIEWS, M00): {"value": 2},
            # named after one duration and fed by the other, as upstream (spec oal 10)
            ("kubernetes_service_read_rcv_package_from_queue_time", REVIEWS, M00): average(22000, 1, 22000),
            ("kubernetes_service_relation_client_read_l2_rcv_package_from_queue_time", to_redis, M00): average(
                43000, 1, 43000
            ),
            ("kubernetes_service_relation_connect_success_cpm", to_redis, M00): cpm(1, 1),
            ("kubernetes_service_read_package_size", REVIEWS, M01): {"value": 478},
            ("kubernetes_service_read_package_size", REVIEWS, 2026010101): {"value": 1878},
            ("kubernetes_service_read_time", REVIEWS, 2026010101): average(890000, 2, 445000),
            ("kubernetes_service_http_call_time", REVIEWS, M01): average(12, 1, 12),
            ("kubernetes_service_http_avg_req_header_size", REVIEWS, M01): average(412, 1, 412),
            ("kubernetes_service_http_avg_resp_header_size", REVIEWS, M01): average(180, 1, 180),
            ("kubernetes_service_http_avg_resp_body_size", REVIEWS, M01): average(378, 1, 378),
            ("kubernetes_service_relation_server_http_call_cpm", from_page, M01): cpm(1, 1),
            ("kubernetes_service_endpoint_http_status_2xx_cpm", ENDPOINT, M01): cpm(1, 1),
            ("kubernetes_service_close_time", REVIEWS, M01): average(4000, 1, 4000),
            ("kubernetes_service_relation_client_write_package_size", to_details, M02): {"value": 300},
            ("kubernetes_service_relation_client_read_package_size", to_details, M02): {"value": 900},
            ("kubernetes_service_relation_client_http_call_duration", to_details, M02): {"value": 4},
            ("kubernetes_service_relation_client_http_status_5xx_cpm", to_details, M02): cpm(1, 1),
            ("kubernetes_service_instance_relation_client_apdex", details_pods, M02): {
                "total_num": 1,
                "s_num": 0,
                "t_num": 0,
                "int_value": 0,
            },
        },
    )


def remote_is_pod() -> ExpectedStream:
    """Message (c) where the host is a pod of ratings."""
    return _one_close(
        "10.96.14.2 is a pod", {"10.96.14.2": ("ratings.bookinfo", "ratings-v1-abc")}, RATINGS, RATINGS_POD
    )


def remote_is_unresolvable() -> ExpectedStream:
    """Message (c) where nobody knows the host."""
    return _one_close("10.96.14.2 is unknown", {}, UNKNOWN, UNKNOWN_POD)


def _one_close(name: str, registry: Registry, dest: str, dest_pod: str) -> ExpectedStream:
    relation, instances = f"{REVIEWS}-{dest}", f"{REVIEWS_POD}-{dest_pod}"
    return ExpectedStream(
        name,
        (message(NODE, IP_REMOTE),),
        registry,
        NOW,
        received=1,
        folded=1,
        service_traffic={(REVIEWS, 17): ("prod::reviews.bookinfo", M01)},
        instance_traffic={REVIEWS_POD: (REVIEWS, "reviews-v1-7f9c-x2k8d", M01, M01)},
        service_relations=relation_rows("client", relation, (REVIEWS, dest, (130,)), (M01,)),
        instance_relations=relation_rows("client", instances, (REVIEWS, REVIEWS_POD, dest, dest_pod), (M01,)),
        metric_entities=frozenset({REVIEWS, REVIEWS_POD, relation, instances}),
        metrics={("kubernetes_service_relation_close_duration", relation, M01): {"value": 4000}},
    )


def remote_is_same_service() -> ExpectedStream:
    """Message (c) where the host is the ClusterIP of reviews itself."""
    return ExpectedStream(
        "10.96.14.2 is the same service",
        (message(NODE, IP_REMOTE),),
        {"10.96.14.2": ("reviews.bookinfo", "")},
        NOW,
        received=1,
        folded=0,
        dropped={"same_service": 1},
        drop_details={("same_service", "prod::reviews.bookinfo"): 1},
    )


def worked_examples() -> tuple[ExpectedStream, ...]:
    """All of them."""
    return (whole_stream(), remote_is_pod(), remote_is_unresolvable(), remote_is_same_service())
