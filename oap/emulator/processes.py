"""What a Rover reports about the processes of its node (spec protocol 2.2)."""

import uuid

from oap.emulator.cluster import Cluster
from oap.protocol import process_pb2

_FIRST_PID = 1000


def process_report(cluster: Cluster, node: int) -> process_pb2.EBPFProcessReportList:
    """Return the report of a node's monitored pods, one process each; the agent id follows from the node's name."""
    name = cluster.scenario.nodes[node].name
    report = process_pb2.EBPFProcessReportList(ebpfAgentID=str(uuid.uuid5(uuid.NAMESPACE_DNS, name)))
    for number, end in enumerate(cluster.pods_of(node)):
        process = report.processes.add().k8sProcess
        process.pid = _FIRST_PID + number
        process.entity.layer = "K8S_SERVICE"
        process.entity.serviceName = end.service
        process.entity.instanceName = end.pod
        process.entity.processName = end.process
        values = {
            "container_ip": end.ip,
            "container_name": end.container,
            "pod_name": end.pod,
            "pid": str(process.pid),
            "command_line": f"/usr/bin/{end.process}",
            "support_ebpf_profiling": "true",
        }
        for key, value in values.items():
            process.properties.add(key=key, value=value)
    return report
