"""What agents call besides access logs."""

from dataclasses import replace

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from oap.protocol import process_pb2 as ps
from oap.receiver.side_services import process_id
from tests.oap.receiver.serving import LOCAL, WAIT_S, Rover, serving

REPORT = "/skywalking.v3.EBPFProcessService/reportProcesses"
ENTITY = ps.EBPFProcessEntityMetadata(
    layer="K8S_SERVICE",
    serviceName="prod::reviews.bookinfo",
    instanceName="reviews-v1-7f9c-x2k8d",
    processName="java",
    labels=["b", "a"],
)
ID = "bb62ecfd5f614540e9b5687354480491f55b527ebb4327ff6422a7af89ec1a36"
EMPTY_COMMANDS_UNARY = [
    "EBPFProcessService/keepAlive",
    "EBPFProfilingService/queryTasks",
    "ContinuousProfilingService/queryPolicies",
    "ManagementService/reportInstanceProperties",
    "ManagementService/keepAlive",
]
EMPTY_COMMANDS_STREAM = [
    "EBPFProfilingService/collectProfilingData",
    "MeterReportService/collect",
    "MeterReportService/collectBatch",
    "LogReportService/collect",
    "SpanAttachedEventReportService/collect",
]
NOT_SERVED = [
    "/skywalking.v3.ContinuousProfilingService/reportProfilingTask",
    "/skywalking.v3.EBPFProcessService/noSuchMethod",
    "/skywalking.v3.NoSuchService/call",
    "/grpc.health.v1.Health/Watch",
]


def report(channel: grpc.Channel, processes: ps.EBPFProcessReportList) -> ps.EBPFReportProcessDownstream:
    answer = channel.unary_unary(REPORT)(processes.SerializeToString(), timeout=WAIT_S)
    return ps.EBPFReportProcessDownstream.FromString(answer)


def test_process_id_is_the_hash_of_process_and_instance() -> None:
    # sha256 of "java_cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS03ZjljLXgyazhk"
    assert process_id(ENTITY) == ID


def test_reported_processes_are_accepted_as_they_came() -> None:
    host = ps.EBPFHostProcessMetadata(entity=ENTITY, pid=9)
    k8s = ps.EBPFKubernetesProcessMetadata(entity=ENTITY, pid=7)
    items = [
        ps.EBPFProcessProperties(k8sProcess=k8s),
        ps.EBPFProcessProperties(),
        ps.EBPFProcessProperties(hostProcess=host),
    ]
    with serving() as (_, channel):
        answer = report(channel, ps.EBPFProcessReportList(processes=items, ebpfAgentID="agent"))
    assert list(answer.processes) == [
        ps.EBPFProcessDownstream(
            processId=ID, k8sProcess=ps.EBPFKubernetesProcessDownstream(pid=7, entityMetadata=ENTITY)
        ),
        ps.EBPFProcessDownstream(processId=ID, hostProcess=ps.EBPFHostProcessDownstream(pid=9, entityMetadata=ENTITY)),
    ]


def test_garbage_instead_of_processes_is_an_invalid_argument() -> None:
    with serving() as (_, channel), pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary(REPORT)(b"\xff\xff", timeout=WAIT_S)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_processes_are_answered_while_streams_hold_every_thread() -> None:
    with serving(replace(LOCAL, stream_threads=2, side_stream_threads=2)) as (_, channel):
        rovers = [Rover(channel) for _ in range(6)]
        rovers += [Rover(channel, method="/skywalking.v3.MeterReportService/collect") for _ in range(6)]
        for rover in rovers:
            rover.send(b"one")
        answer = report(channel, ps.EBPFProcessReportList())
        for rover in rovers:
            rover.half_close()
    assert answer == ps.EBPFReportProcessDownstream()


@pytest.mark.parametrize("method", EMPTY_COMMANDS_UNARY)
def test_unary_call_is_answered_with_empty_commands(method: str) -> None:
    with serving() as (_, channel):
        assert channel.unary_unary(f"/skywalking.v3.{method}")(b"\x0a\x00", timeout=WAIT_S) == b""


@pytest.mark.parametrize("method", EMPTY_COMMANDS_STREAM)
@pytest.mark.parametrize("messages", [[], [b"\x0a\x01x", b"not a message"]])
def test_stream_is_drained_and_answered_with_empty_commands(method: str, messages: list[bytes]) -> None:
    with serving() as (_, channel):
        assert channel.stream_unary(f"/skywalking.v3.{method}")(iter(messages), timeout=WAIT_S) == b""


@pytest.mark.parametrize("method", NOT_SERVED)
def test_call_that_is_not_served_is_unimplemented(method: str) -> None:
    with serving() as (_, channel), pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary(method)(b"", timeout=WAIT_S)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("request_bytes", [b"", b"\x0a\x07unknown"])
def test_health_is_serving_for_any_name(request_bytes: bytes) -> None:
    with serving() as (_, channel):
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(request_bytes, timeout=WAIT_S) == b"\x08\x01"


def reflected(
    channel: grpc.Channel, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    return next(iter(stub.ServerReflectionInfo(iter([request]), timeout=WAIT_S)))


def test_reflection_lists_all_services() -> None:
    with serving() as (_, channel):
        answer = reflected(channel, reflection_pb2.ServerReflectionRequest(list_services=""))
    assert sorted(service.name for service in answer.list_services_response.service) == [
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "skywalking.v3.ContinuousProfilingService",
        "skywalking.v3.EBPFAccessLogService",
        "skywalking.v3.EBPFProcessService",
        "skywalking.v3.EBPFProfilingService",
        "skywalking.v3.LogReportService",
        "skywalking.v3.ManagementService",
        "skywalking.v3.MeterReportService",
        "skywalking.v3.SpanAttachedEventReportService",
    ]


@pytest.mark.parametrize("symbol", ["skywalking.v3.EBPFAccessLogService", "skywalking.v3.MeterReportService"])
def test_reflection_knows_the_file_of_a_service(symbol: str) -> None:
    with serving() as (_, channel):
        answer = reflected(channel, reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol))
    assert len(answer.file_descriptor_response.file_descriptor_proto) > 0
