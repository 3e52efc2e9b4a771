"""Compiles the kernels before the first agent connects: one invented message through a pipeline of its own.

Compiled code is kept on disk beside the modules, so this takes up to a minute once per installation and a second
afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import structlog
from numba.core import event

from oal.catalog import Catalog
from oal.plan import Plan
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.registries import FirstKnown
from oap.pipeline import Pipeline, PipelineSettings
from oap.protocol.accesslog_pb2 import (
    AccessLogConnection,
    AccessLogHTTPProtocol,
    AccessLogKernelLog,
    AccessLogProtocolLogs,
    ConnectionAddress,
    EBPFAccessLogMessage,
    EBPFAccessLogNodeInfo,
    EBPFOffsetTimestamp,
    EBPFTimestamp,
    KubernetesProcessAddress,
)
from oap.receiver.block import Block, StreamEvent
from oap.window.records import Base, finished

_log = structlog.get_logger(__name__)

_OURS = ("oap", "oal")
_BOOT_S = 1_700_000_000
_THRESHOLD_MS = 500


def warm_up(plan: Plan, catalog: Catalog, settings: PipelineSettings) -> None:
    """Run every compiled function once; what has to be compiled first is logged."""
    with logged_compilation():
        _run(plan, catalog, settings)


class _CompilationLog(event.Listener):
    """Hears of every function that is compiled, before and after; those loaded from disk do not count."""

    def __init__(self) -> None:
        self._kernels = 0

    def on_start(self, started: event.Event) -> None:
        function = started.data["dispatcher"].py_func
        if function.__module__.partition(".")[0] not in _OURS:
            return  # numba compiles parts of its own with each of ours
        if not self._kernels:
            _log.info("compiling; only the first start after an installation does this, for up to a minute")
        self._kernels += 1
        _log.info("compiling", kernel=function.__name__.lstrip("_"), number=self._kernels)

    def on_end(self, ended: event.Event) -> None:
        pass


@contextmanager
def logged_compilation() -> Iterator[None]:
    """Log each kernel of ours that is compiled inside the block, for those who wait for the first start."""
    listener = _CompilationLog()
    event.register("numba:compile", listener)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        event.unregister("numba:compile", listener)  # type: ignore[no-untyped-call]


def _run(plan: Plan, catalog: Catalog, settings: PipelineSettings) -> None:
    pipeline = Pipeline(plan, catalog, FirstKnown(()), EndpointNames(), lambda _: _THRESHOLD_MS, settings)
    raw = _message().SerializeToString()
    offsets = np.array([0, len(raw)], dtype=np.int64)
    block = Block(np.frombuffer(raw, np.uint8), offsets, np.zeros(1, np.int32), ((0, 0, StreamEvent.BEGIN),))
    pipeline.accept(block, _BOOT_S)
    for state in pipeline.collect(everything=True).states:
        finished(state, Base(None))


def _message() -> EBPFAccessLogMessage:
    now = EBPFTimestamp(offset=EBPFOffsetTimestamp(offset=0))
    http = AccessLogHTTPProtocol(startTime=now, endTime=now)
    message = EBPFAccessLogMessage(
        node=EBPFAccessLogNodeInfo(name="node"),
        connection=AccessLogConnection(local=_address("a"), remote=_address("b"), role="server"),
        kernelLogs=[AccessLogKernelLog() for _ in range(5)],
        protocolLog=AccessLogProtocolLogs(http=http),
    )
    message.node.bootTime.seconds = _BOOT_S
    for log, operation in zip(message.kernelLogs, ("connect", "accept", "close", "read", "write"), strict=True):
        getattr(log, operation).startTime.CopyFrom(now)
        getattr(log, operation).endTime.CopyFrom(now)
    return message


def _address(name: str) -> ConnectionAddress:
    return ConnectionAddress(kubernetes=KubernetesProcessAddress(serviceName=name, podName=name))
