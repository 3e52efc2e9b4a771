"""A few small dashboards without a mistake, for tests that plant some."""

from collections.abc import Mapping
from types import MappingProxyType

from oal.functions.contract import ValueKind
from oap.dashboards.known_metric import KnownMetric

ROOT = """// Root of the layer.
[{"id": "Root", "configuration": {
  "name": "Root", "layer": "SHOP", "entity": "All", "isRoot": true,
  "children": [
    {"x": 0, "y": 0, "w": 12, "h": 10, "i": "0", "type": "Widget", "widget": {"title": "Slowest", "tips": "größte zuerst"},
     "graph": {"type": "TopList", "color": "purple"}, "expressions": ["top_n(shop_time,10,des)"],
     "metricConfig": [{"unit": "ms"}], "valueRelatedDashboard": "Shop"},
    {"x": 12, "y": 0, "w": 12, "h": 10, "i": "1", "type": "Widget",
     "graph": {"type": "ServiceList", "dashboardName": "Shop"}, "expressions": ["latest(shop_cpm)", "latest(shop_time)"]},
    {"x": 0, "y": 10, "w": 24, "h": 30, "i": "2", "type": "Topology", "graph": {"showDepth": true, "depth": 2},
     "nodeExpressions": ["avg(shop_cpm)"], "nodeMetricConfig": [{"label": "Load"}],
     "linkServerExpressions": ["avg(edge_cpm)"], "legendMQE": {"expression": "avg(shop_time) > 9"},
     "linkDashboard": "Edge", "nodeDashboard": [{"scope": "Service", "dashboard": "Shop"}]}
  ]
}}]
"""
SHOP = """[{"id": "Shop", "configuration": {
  "name": "Shop", "layer": "SHOP", "entity": "Service", "isDefault": true,
  "expressions": ["avg(shop_cpm)"], "expressionsConfig": [{"label": "Load", "unit": "calls / min"}],
  "children": [
    {"x": 0, "y": 0, "w": 24, "h": 40, "i": "0", "type": "Tab", "children": [
      {"name": "Charts", "expression": "is_present(shop_cpm)", "children": [
        {"x": 0, "y": 0, "w": 8, "h": 10, "i": "0", "type": "Widget", "graph": {"type": "Line", "smooth": false},
         "expressions": ["shop_cpm", "shop_time * 2"], "metricConfig": [{"label": "Load"}, {"label": "Time"}],
         "associate": [{"widgetId": "0-0-1"}]},
        {"x": 8, "y": 0, "w": 8, "h": 10, "i": "1", "type": "Widget", "graph": {"type": "Area", "opacity": 0.4},
         "expressions": ["shop_time"], "associate": [{"widgetId": "0-0-0"}]}
      ]},
      {"name": "Pods", "children": [
        {"x": 0, "y": 0, "w": 24, "h": 10, "i": "0", "type": "Widget",
         "graph": {"type": "InstanceList", "dashboardName": "Pod"}, "expressions": ["latest(pod_cpm)"]}
      ]}
    ]}
  ]
}}]
"""
POD = """[{"id": "Pod", "configuration": {
  "name": "Pod", "layer": "SHOP", "entity": "ServiceInstance", "children": [
    {"x": 0, "y": 0, "w": 8, "h": 10, "i": "0", "type": "Widget", "expressions": ["pod_cpm / shop_cpm"]}
  ]
}}]
"""
EDGE = """[{"id": "Edge", "configuration": {
  "name": "Edge", "layer": "SHOP", "entity": "ServiceRelation", "children": [
    {"x": 0, "y": 0, "w": 8, "h": 10, "i": "0", "type": "Text", "graph": {"content": "nothing", "textAlign": "left"}}
  ]
}}]
"""
FILES: Mapping[str, str] = MappingProxyType(
    {"shop/edge.json": EDGE, "shop/pod.json": POD, "shop/root.json": ROOT, "shop/shop.json": SHOP}
)
METRICS: Mapping[str, KnownMetric] = MappingProxyType(
    {
        "shop_cpm": KnownMetric("SERVICE"),
        "shop_time": KnownMetric("SERVICE", attr0=("SHOP",)),
        "shop_ranks": KnownMetric("SERVICE", ValueKind.LABELED_VALUE, ("{p=50}", "{p=99}")),
        "shop_codes": KnownMetric("SERVICE", ValueKind.LABELED_VALUE),
        "pod_cpm": KnownMetric("SERVICE_INSTANCE", attr0=()),
        "edge_cpm": KnownMetric("SERVICE_RELATION"),
    }
)


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The set with a text replaced that occurs once in one of its files."""
    assert FILES[file].count(old) == 1, old
    return {**FILES, file: FILES[file].replace(old, new)}
