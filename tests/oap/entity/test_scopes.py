"""The catalog of the Kubernetes scopes (spec entities 5)."""

from oal.catalog import CellColumn, Constant, Kind, RowColumn
from oap.entity.scopes import ROUTE_TABLES, k8s_catalog

_SCOPES = k8s_catalog().scopes


def test_scopes_have_their_numbers_and_categories() -> None:
    assert [(scope.name, scope.number, scope.category, scope.grain) for scope in _SCOPES.values()] == [
        ("K8SService", 72, "SERVICE", "route"),
        ("K8SServiceInstance", 73, "SERVICE_INSTANCE", "route"),
        ("K8SServiceRelation", 74, "SERVICE_RELATION", "route"),
        ("K8SServiceInstanceRelation", 75, "SERVICE_INSTANCE_RELATION", "route"),
        ("K8SEndpoint", 76, "ENDPOINT", "endpoint"),
    ]


def test_each_grain_has_the_tables_of_its_operations() -> None:
    assert ROUTE_TABLES == ("connect", "accept", "close", "read", "write", "http")
    for scope in _SCOPES.values():
        names = tuple(table.name for table in scope.tables)
        assert names == (ROUTE_TABLES if scope.grain == "route" else ("http",))


def test_every_binding_belongs_to_an_attribute_and_every_measured_one_is_bound_somewhere() -> None:
    for scope in _SCOPES.values():
        bound = {path for table in scope.tables for path in table.bindings}
        assert bound == set(scope.attributes)


def test_every_attribute_says_what_it_means() -> None:
    for scope in _SCOPES.values():
        for path, attribute in scope.attributes.items():
            assert attribute.path == path
            assert attribute.meaning
            assert attribute.unit or attribute.kind is not Kind.LONG
            assert (attribute.kind is Kind.ENUM) == bool(attribute.enum)


def test_scopes_of_one_grain_read_equal_row_columns() -> None:
    def measured(scope: str) -> list[dict[str, object]]:
        return [
            {path: binding for path, binding in table.bindings.items() if isinstance(binding, RowColumn)}
            for table in _SCOPES[scope].tables
        ]

    service = measured("K8SService")
    assert all(measured(name) == service for name, scope in _SCOPES.items() if scope.grain == "route")


def test_the_operation_decides_type_and_objects() -> None:
    write = {table.name: table for table in _SCOPES["K8SService"].tables}["write"].bindings
    assert write["type"] == Constant("write")
    assert write["write.l3.resolveMACCount"] == RowColumn("write.l3.resolveMACCount")
    assert write["read"] == Constant(None)
    assert "read.duration" not in write
    http = {table.name: table for table in _SCOPES["K8SService"].tables}["http"].bindings
    assert (http["type"], http["protocol.type"]) == (Constant("protocol"), Constant("http"))


def test_endpoints_read_the_columns_of_requests() -> None:
    (table,) = _SCOPES["K8SEndpoint"].tables
    assert table.bindings["duration"] == RowColumn("protocol.http.latency")
    assert table.bindings["success"] == RowColumn("protocol.success")
    assert table.bindings["http.sizeOfRequestBody"] == RowColumn("protocol.http.sizeOfRequestBody")
    assert table.bindings["type"] == Constant("http")
    assert table.bindings["endpointName"] == CellColumn("endpoint")
    assert "detectPoint" not in _SCOPES["K8SEndpoint"].attributes


def test_identity_is_decided_by_the_cell() -> None:
    relation = _SCOPES["K8SServiceInstanceRelation"].tables[0].bindings
    assert relation["entityId"] == CellColumn("instance_relation_id")
    assert relation["sourceServiceInstanceName"] == CellColumn("source_instance")
    assert relation["detectPoint"] == CellColumn("detect_point")
    assert "componentIds" not in relation
    assert _SCOPES["K8SServiceRelation"].tables[0].bindings["tlsMode"] == CellColumn("tls_mode")
