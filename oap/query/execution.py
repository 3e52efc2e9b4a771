"""Executing a checked document: what its fields are going to read is read at once, then they are answered."""

from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeGuard

from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
)
from graphql.language import InlineFragmentNode, SelectionSetNode

from oap.entity.errors import EntityError
from oap.query.columns import ColumnExecutor
from oap.query.errors import QueryError
from oap.query.mqe.errors import MqeError
from oap.query.request import Request

# Makes the reads of a root field, given its arguments, so that ``Reads.together`` notes them.
Want = Callable[[Request, Mapping[str, Any]], object]


def execute_request(
    schema: GraphQLSchema,
    document: DocumentNode,
    request: Request,
    variables: Mapping[str, Any],
    operation: str | None,
    wants: Mapping[str, Want],
) -> ExecutionResult:
    """The answer to a valid document. ``wants`` knows root fields by name whose reads can be told from the arguments.

    Blocks on storage. Resolvers are plain functions and run in this thread.
    """
    executor = ColumnExecutor.build(
        schema,
        document,
        context_value=request,
        raw_variable_values=dict(variables),
        operation_name=operation,
        is_awaitable=_never,
    )
    if isinstance(executor, list):
        return ExecutionResult(None, executor)
    if executor.operation.operation is OperationType.QUERY:
        with request.reads.together():
            _read_ahead(executor, schema, request, wants)
    result = executor.execute_operation()
    assert isinstance(result, ExecutionResult)  # noqa: S101  (nothing is awaited and nothing is deferred)
    return result


def asks_only_for(document: DocumentNode, names: Container[str]) -> bool:
    """Whether a document has nothing but one query, for root fields of these names alone."""
    match document.definitions:
        case [OperationDefinitionNode(operation=OperationType.QUERY) as query]:
            fields = query.selection_set.selections
            return all(isinstance(field, FieldNode) and field.name.value in names for field in fields)
        case _:
            return False


def _read_ahead(executor: Executor[Any], schema: GraphQLSchema, request: Request, wants: Mapping[str, Want]) -> None:
    assert schema.query_type is not None  # noqa: S101  (every schema of ours has one)
    for node in _root_fields(executor, executor.operation):
        want = wants.get(node.name.value)
        if want is not None:
            # What is wrong with a field is told when it is answered.
            with suppress(GraphQLError, QueryError, EntityError, MqeError):
                field = schema.query_type.fields[node.name.value]
                want(request, get_argument_values(field, node, executor.variable_values))


def _root_fields(executor: Executor[Any], operation: OperationDefinitionNode) -> Iterator[FieldNode]:
    """Fields of the operation; directives that leave some out are not looked at, reading too much does no harm."""

    def below(selected: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from below(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from below(executor.fragment_definitions[node.name.value].selection_set)

    return below(operation.selection_set)


def _never(_: object) -> TypeGuard[Awaitable[Any]]:
    return False
