import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema

from oap.query.graphql.schema import build_schema
from tests.oap.query.names import ENUMS, FIELDS, MUTATIONS, QUERIES

EXEC_EXPRESSION = (
    "(expression: String!, entity: Entity!, duration: Duration!, debug: Boolean, dumpDBRsp: Boolean): ExpressionResult!"
)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


def test_every_query_and_mutation_is_there(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    assert set(QUERIES) - set(schema.query_type.fields) == set()
    assert set(MUTATIONS) - set(schema.mutation_type.fields) == set()


@pytest.mark.parametrize("name", FIELDS)
def test_type_has_every_member(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInputObjectType)
    assert set(FIELDS[name].split()) - set(found.fields) == set()


@pytest.mark.parametrize("name", ENUMS)
def test_enum_has_exactly_the_values(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLEnumType)
    assert set(found.values) == set(ENUMS[name].split())


@pytest.mark.parametrize(
    ("field", "signature"),
    [
        ("listServices", "(layer: String): [Service!]!"),
        ("getService", "(serviceId: String!): Service"),
        ("listInstances", "(duration: Duration!, serviceId: ID!): [ServiceInstance!]!"),
        ("findEndpoint", "(keyword: String, serviceId: ID!, limit: Int!, duration: Duration): [Endpoint!]!"),
        ("getServicesTopology", "(serviceIds: [ID!]!, duration: Duration!, debug: Boolean): Topology"),
        (
            "execExpression",
            EXEC_EXPRESSION,
        ),
        ("readHeatMap", "(condition: MetricsCondition!, duration: Duration!): HeatMap"),
        ("queryEvents", "(condition: EventQueryCondition): Events"),
        ("queryPrepareCreateEBPFProfilingTaskData", "(serviceId: ID!): EBPFProfilingTaskPrepare!"),
    ],
)
def test_field_has_the_signature_that_clients_declare(field: str, signature: str, schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    found = schema.query_type.fields[field]
    arguments = ", ".join(f"{name}: {argument.type}" for name, argument in found.args.items())
    assert f"({arguments}): {found.type}" == signature
