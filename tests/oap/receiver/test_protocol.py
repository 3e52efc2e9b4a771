"""The compiled protocol against bytes written out by hand from its field numbers."""

import pytest
from google.protobuf.message import Message

from oap.protocol import accesslog_pb2 as al
from oap.protocol import common_pb2, continuous_pb2, management_pb2, meter_pb2, process_pb2, profiling_pb2

GOLDEN: dict[str, tuple[Message, str]] = {
    "http response without number 2": (
        al.AccessLogHTTPProtocolResponse(statusCode=200, sizeOfHeadersBytes=180, sizeOfBodyBytes=378),
        "08c801 18b401 20fa02",
    ),
    "write layer 3 without number 4": (
        al.AccessLogKernelWriteL3Metrics(
            totalDuration=1,
            totalLocalDuration=2,
            totalOutputDuration=3,
            totalResolveMACCount=5,
            totalResolveMACDuration=6,
            totalNetFilterCount=7,
            totalNetFilterDuration=8,
        ),
        "0801 1002 1803 2805 3006 3807 4008",
    ),
    "write operation from layer 4 down": (
        al.AccessLogKernelWriteOperation(
            startTime=al.EBPFTimestamp(offset=al.EBPFOffsetTimestamp(offset=300)),
            endTime=al.EBPFTimestamp(),
            syscall=al.SendFile64,
            l4Metrics=al.AccessLogKernelWriteL4Metrics(totalDuration=4),
            l3Metrics=al.AccessLogKernelWriteL3Metrics(totalDuration=3),
            l2Metrics=al.AccessLogKernelWriteL2Metrics(totalDuration=2),
        ),
        "0a050a0308ac02 1200 1807 22020804 2a020803 32020802",
    ),
    "read operation from layer 2 up": (
        al.AccessLogKernelReadOperation(
            syscall=al.RecvMmsg,
            l2Metrics=al.AccessLogKernelReadL2Metrics(ifindex=2),
            l3Metrics=al.AccessLogKernelReadL3Metrics(totalDuration=3),
            l4Metrics=al.AccessLogKernelReadL4Metrics(totalDuration=4),
        ),
        "1805 22020802 2a020803 32020804",
    ),
    "write layer 4": (
        al.AccessLogKernelWriteL4Metrics(
            totalDuration=1,
            totalTransmitPackageCount=2,
            totalRetransmitPackageCount=3,
            lossPackageMetrics=[al.AccessLogLossPackageMetrics(location="q", count=1)],
            totalPackageSize=-1,
        ),
        "0801 1002 1803 22050a01711001 28ffffffffffffffffff01",
    ),
    "write layer 2": (
        al.AccessLogKernelWriteL2Metrics(
            totalDuration=1,
            ifindex=2,
            totalEnterQueueBufferCount=3,
            totalReadySendDuration=4,
            totalNetDeviceSendDuration=5,
        ),
        "0801 1002 1803 2004 2805",
    ),
    "read layer 2": (
        al.AccessLogKernelReadL2Metrics(
            ifindex=1,
            totalPackageCount=2,
            totalPackageSize=3,
            totalPackageToQueueDuration=4,
            totalRcvPackageFromQueueDuration=5,
        ),
        "0801 1002 1803 2004 2805",
    ),
    "read layer 3": (
        al.AccessLogKernelReadL3Metrics(
            totalDuration=1, totalRecvDuration=2, totalLocalDuration=3, totalNetFilterCount=4, totalNetFilterDuration=5
        ),
        "0801 1002 1803 2004 2805",
    ),
    "ztunnel attachment": (
        al.ConnectionAttachment(
            zTunnel=al.ZTunnelAttachmentEnvironment(
                real_destination_ip="10.0.0.1",
                by=al.ZTUNNEL_INBOUND_FUNC,
                security_policy=al.NONE,
                addition=[common_pb2.KeyStringValuePair(key="k", value="v")],
            )
        ),
        "0a16 0a0831302e302e302e31 1001 1801 22060a016b120176",
    ),
    "connection": (
        al.AccessLogConnection(
            local=al.ConnectionAddress(
                kubernetes=al.KubernetesProcessAddress(
                    serviceName="s", podName="p", containerName="c", processName="x", port=80
                )
            ),
            remote=al.ConnectionAddress(ip=al.IPAddress(host="h", port=9)),
            role=common_pb2.proxy,
            tlsMode=al.TLS,
            protocol=al.HTTP_2,
            attachment=al.ConnectionAttachment(),
        ),
        "0a10 0a0e 0a0173 120170 1a0163 220178 2850 1207 1205 0a0168 1009 1802 2001 2802 3200",
    ),
    "message with a node": (
        al.EBPFAccessLogMessage(
            node=al.EBPFAccessLogNodeInfo(
                name="n",
                netInterfaces=[al.EBPFAccessLogNodeNetInterface(index=1, mtu=1500, name="e")],
                bootTime=common_pb2.Instant(seconds=1, nanos=2),
                clusterName="c",
                policy=al.EBPFAccessLogPolicy(excludeNamespaces=[""]),
            ),
            connection=al.AccessLogConnection(),
        ),
        "0a1a 0a016e 1208080110dc0b1a0165 1a0408011002 220163 2a020a00 1200",
    ),
    "message with one log of each operation": (
        al.EBPFAccessLogMessage(
            kernelLogs=[
                al.AccessLogKernelLog(connect=al.AccessLogKernelConnectOperation(success=True)),
                al.AccessLogKernelLog(accept=al.AccessLogKernelAcceptOperation()),
                al.AccessLogKernelLog(close=al.AccessLogKernelCloseOperation(success=True)),
                al.AccessLogKernelLog(read=al.AccessLogKernelReadOperation()),
                al.AccessLogKernelLog(write=al.AccessLogKernelWriteOperation()),
            ],
            protocolLog=al.AccessLogProtocolLogs(http=al.AccessLogHTTPProtocol(version=al.HTTP2)),
        ),
        "1a040a021801 1a021200 1a041a021801 1a022200 1a022a00 22040a021801",
    ),
    "http request with a trace of zero values": (
        al.AccessLogHTTPProtocol(
            request=al.AccessLogHTTPProtocolRequest(
                method=al.Connect,
                path="/",
                sizeOfHeadersBytes=3,
                sizeOfBodyBytes=4,
                trace=al.AccessLogTraceInfo(provider=al.Zipkin),
                host="h",
            ),
            response=al.AccessLogHTTPProtocolResponse(),
        ),
        "220e 0808 12012f 1803 2004 2a00 320168 2a00",
    ),
    "trace": (
        al.AccessLogTraceInfo(provider=al.SkyWalking, traceId="t", traceSegmentId="g", spanId="0"),
        "0801 120174 1a0167 220130",
    ),
    "commands": (
        common_pb2.Commands(
            commands=[common_pb2.Command(command="c", args=[common_pb2.KeyStringValuePair(key="k", value="v")])]
        ),
        "0a0b 0a0163 12060a016b120176",
    ),
    "accepted process": (
        process_pb2.EBPFProcessDownstream(
            processId="i",
            k8sProcess=process_pb2.EBPFKubernetesProcessDownstream(
                pid=7,
                entityMetadata=process_pb2.EBPFProcessEntityMetadata(
                    layer="l", serviceName="s", instanceName="i", processName="p", labels=["x"]
                ),
            ),
        ),
        "0a0169 1a13 0807 120f 0a016c 120173 1a0169 220170 2a0178",
    ),
    "profiling data": (
        profiling_pb2.EBPFProfilingData(
            task=profiling_pb2.EBPFProfilingTaskMetadata(
                taskId="t", processId="p", profilingStartTime=1, currentTime=2
            ),
            offCPU=profiling_pb2.EBPFOffCPUProfiling(switchCount=2, duration=3),
        ),
        "0a0a 0a0174 120170 1801 2002 1a04 1002 1803",
    ),
    "continuous profiling report": (
        continuous_pb2.ContinuousProfilingReport(
            processName="p",
            duration=5,
            network=continuous_pb2.ContinuousNetworkProfilingTask(samplingURIRegexes=["r"]),
        ),
        "220170 3005 4a030a0172",
    ),
    "meter": (
        meter_pb2.MeterData(
            histogram=meter_pb2.MeterHistogram(
                name="m", values=[meter_pb2.MeterBucketValue(count=2, isNegativeInfinity=True)]
            ),
            service="s",
            serviceInstance="i",
            timestamp=6,
        ),
        "1209 0a016d 1a0410021801 1a0173 220169 2806",
    ),
    "instance properties": (
        management_pb2.InstanceProperties(service="s", serviceInstance="i", layer="l"),
        "0a0173 120169 22016c",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_message_has_the_bytes_of_its_field_numbers(name: str) -> None:
    message, golden = GOLDEN[name]
    assert message.SerializeToString(deterministic=True).hex() == golden.replace(" ", "")


@pytest.mark.parametrize("name", GOLDEN)
def test_bytes_are_read_back_as_the_message(name: str) -> None:
    message, golden = GOLDEN[name]
    assert type(message).FromString(bytes.fromhex(golden)) == message


def test_unknown_fields_and_enum_numbers_do_no_harm() -> None:
    connection = al.AccessLogConnection.FromString(bytes.fromhex("1863 f80701 ba3e0161"))
    assert (connection.role, connection.tlsMode) == (99, 0)


def test_services_have_the_paths_that_agents_call() -> None:
    service = al.DESCRIPTOR.services_by_name["EBPFAccessLogService"]
    assert (service.full_name, [method.name for method in service.methods]) == (
        "skywalking.v3.EBPFAccessLogService",
        ["collect"],
    )
