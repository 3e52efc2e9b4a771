"""Small rule sets and cases for the tests of this package."""

from pathlib import Path

from oal.compiler import compile_rules
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog
from oap.rules.case_file import CaseFile, load_cases
from oap.window.models import metric_models

RULES = """
bytes_read = from(K8SService.read.l2.totalPackageSize).filter(type == "read").sum();
slow_reads = from(K8SServiceInstance.*).filter(type == "read").filter(read.duration > 50000).cpm();
edge_time = from(K8SServiceRelation.protocol.http.latency).filter(type == "protocol").longAvg();
edge_pods = from(K8SServiceInstanceRelation.*).cpm();
endpoint_rank = from(K8SEndpoint.http.latency).percentile2(10);
endpoint_mean = from(K8SEndpoint.http.latency).doubleAvg();
devices = from(K8SService.*).filter(type == "read").filter(read.l2.netDeviceName == "eth0").cpm();
"""
CONNECTION = "connection: {role: server, local: api.shop/api-0, remote: web.shop/web-0}\n"


def plan_of(text: str = RULES) -> Plan:
    """The plan of some rules."""
    plan = compile_rules([("small.oal", text)], k8s_catalog()).plan
    assert plan is not None
    return plan


def cases_of(folder: Path, text: str, plan: Plan | None = None) -> CaseFile:
    """Cases written to a file of a folder; ``text`` are the items of ``cases``."""
    file = folder / "cases.yml"
    file.write_text(f"{CONNECTION}cases:\n{text}", encoding="utf-8")
    return load_cases(file, metric_models(plan or plan_of(), k8s_catalog()))
