"""How much one GraphQL request asks for (spec query 1.1)."""

from functools import cache

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode
from graphql.language import InlineFragmentNode, SelectionSetNode


def requested_fields(document: DocumentNode) -> int:
    """Fields of the largest operation, those of fragments counted wherever they are used.

    The document must be valid: a fragment that uses itself would have no end.
    """
    fragments = {
        node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }

    @cache
    def of_fragment(name: str) -> int:
        return count(fragments[name])

    def count(selected: SelectionSetNode | None) -> int:
        total = 0
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                total += 1 + count(node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                total += count(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                total += of_fragment(node.name.value)
        return total

    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return max((count(operation.selection_set) for operation in operations), default=0)
