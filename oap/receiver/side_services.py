"""What else agents call on the endpoint of the access logs (spec receiver-protocol 2)."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from oap.protocol import (
    accesslog_pb2,
    continuous_pb2,
    management_pb2,
    meter_pb2,
    process_pb2,
    profiling_pb2,
    undecoded_pb2,
)

Watch = Callable[[Iterable[Any], grpc.ServicerContext], Iterator[Any]]

# Method -> whether the request is a stream. All of these are answered with an empty Commands, their requests unread.
_EMPTY_COMMANDS = {
    "EBPFProcessService": {"keepAlive": False},
    "EBPFProfilingService": {"queryTasks": False, "collectProfilingData": True},
    "ContinuousProfilingService": {"queryPolicies": False},
    "MeterReportService": {"collect": True, "collectBatch": True},
    "LogReportService": {"collect": True},
    "SpanAttachedEventReportService": {"collect": True},
    "ManagementService": {"reportInstanceProperties": False, "keepAlive": False},
}
# Imported for more than their names: reflection finds only what is loaded.
_PROTOCOL = (
    accesslog_pb2,
    continuous_pb2,
    management_pb2,
    meter_pb2,
    process_pb2,
    profiling_pb2,
    undecoded_pb2,
)
_HEALTH_SERVICE = "grpc.health.v1.Health"


def side_handlers(watch: Watch, stream_pool: ThreadPoolExecutor) -> list[grpc.GenericRpcHandler]:
    """Return the handlers of all side services, health and reflection.

    Streams run in ``stream_pool``, so that however many are open, the unary calls in the server's own pool are answered
    at once: an agent that waits for reportProcesses finds no new pods meanwhile. Their messages pass through ``watch``.
    """
    methods: dict[str, dict[str, grpc.RpcMethodHandler]] = {
        f"skywalking.v3.{service}": {
            method: _drained_stream(watch, stream_pool) if is_stream else grpc.unary_unary_rpc_method_handler(_nothing)
            for method, is_stream in kinds.items()
        }
        for service, kinds in _EMPTY_COMMANDS.items()
    }
    methods["skywalking.v3.EBPFProcessService"]["reportProcesses"] = grpc.unary_unary_rpc_method_handler(
        report_processes, response_serializer=process_pb2.EBPFReportProcessDownstream.SerializeToString
    )
    methods["skywalking.v3.ContinuousProfilingService"]["reportProfilingTask"] = grpc.unary_unary_rpc_method_handler(
        _refuse_profiling_task
    )
    methods[_HEALTH_SERVICE] = {"Check": grpc.unary_unary_rpc_method_handler(_serving)}
    own = [service.full_name for file in _PROTOCOL for service in file.DESCRIPTOR.services_by_name.values()]
    names = (*own, _HEALTH_SERVICE, reflection.SERVICE_NAME)
    methods[reflection.SERVICE_NAME] = {"ServerReflectionInfo": _reflection(names, watch, stream_pool)}
    return [grpc.method_handlers_generic_handler(service, handlers) for service, handlers in methods.items()]


def in_pool(behavior: Callable[..., Any], pool: ThreadPoolExecutor) -> Callable[..., Any]:
    """Make grpcio run the behavior in ``pool`` instead of the server's own; the hook is experimental in grpcio 1.8x."""
    behavior.experimental_thread_pool = pool  # type: ignore[attr-defined]
    return behavior


def report_processes(request: bytes, context: grpc.ServicerContext) -> process_pb2.EBPFReportProcessDownstream:
    """Accept every process: pid and entity go back as they came, with a stable id; items of no kind are skipped."""
    try:
        reported = process_pb2.EBPFProcessReportList.FromString(request)
    except DecodeError:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request is no EBPFProcessReportList")
    accepted = process_pb2.EBPFReportProcessDownstream()
    for item in reported.processes:
        kind = item.WhichOneof("metadata")
        if kind is None:
            continue
        found = item.hostProcess if kind == "hostProcess" else item.k8sProcess
        answer = accepted.processes.add(processId=process_id(found.entity))
        echo = answer.hostProcess if kind == "hostProcess" else answer.k8sProcess
        echo.pid = found.pid
        echo.entityMetadata.CopyFrom(found.entity)
    return accepted


def process_id(entity: process_pb2.EBPFProcessEntityMetadata) -> str:
    """Return upstream's id of a process (spec receiver-protocol 2.2), 64 hexadecimal digits."""
    instance_id = f"{_base64(entity.serviceName)}.1_{_base64(entity.instanceName)}"
    return hashlib.sha256(f"{entity.processName}_{instance_id}".encode()).hexdigest()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _nothing(_request: bytes, _context: grpc.ServicerContext) -> bytes:
    return b""


def _serving(_request: bytes, _context: grpc.ServicerContext) -> bytes:
    answer: bytes = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING).SerializeToString()
    return answer


def _refuse_profiling_task(_request: bytes, context: grpc.ServicerContext) -> NoReturn:
    # Never an empty Commands: the agent would read the first of none and crash.
    context.abort(
        grpc.StatusCode.UNIMPLEMENTED, "this server hands out no profiling policies and takes no task reports"
    )
    raise AssertionError


def _drained_stream(watch: Watch, pool: ThreadPoolExecutor) -> grpc.RpcMethodHandler:
    def drain(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        for _ in watch(messages, context):
            pass
        return b""

    return grpc.stream_unary_rpc_method_handler(in_pool(drain, pool))


def _reflection(names: tuple[str, ...], watch: Watch, pool: ThreadPoolExecutor) -> grpc.RpcMethodHandler:
    servicer = reflection.ReflectionServicer(names)

    def reflect(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        yield from servicer.ServerReflectionInfo(watch(requests, context), context)

    return grpc.stream_stream_rpc_method_handler(
        in_pool(reflect, pool),
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
