"""What a query costs, by GitHub's rules, and its limits on paging: all known before anything is executed.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

MAX_PAGE = 100
MAX_NODES = 500_000


@dataclass(slots=True)
class Cost:
    """`requests` is how many lists are read, `nodes` how many objects they may hold."""

    requests: int = 0
    nodes: int = 0

    @property
    def points(self) -> int:
        """What is taken from the hourly allowance: a point for each hundred lists, at least one."""
        return max(round(self.requests / 100), 1)


def measure(document: DocumentNode, variables: Mapping[str, Any]) -> Cost:
    """The cost of a validated document; raises GraphQLError for a page or a number of nodes beyond the limits."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    defaults = {
        given.variable.name.value: int(given.default_value.value)
        for operation in operations
        for given in operation.variable_definitions or ()
        if isinstance(given.default_value, IntValueNode)
    }
    walk = _Walk(document, defaults | dict(variables))
    for operation in operations:
        walk.selections(operation.selection_set, 1)
    if walk.cost.nodes > MAX_NODES:
        nodes = f"{walk.cost.nodes:,} possible nodes which exceeds the maximum limit of {MAX_NODES:,}"
        message = f"This query requests up to {nodes}."
        raise GraphQLError(message, extensions={"type": "MAX_NODE_LIMIT_EXCEEDED"})
    return walk.cost


class _Walk:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.cost = Cost()
        self._variables = variables
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def selections(self, chosen: SelectionSetNode | None, times: int) -> None:
        """Add what is selected, `times` over."""
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                self.selections(node.selection_set, times * self._page(node, times))
            elif isinstance(node, FragmentSpreadNode):
                self.selections(self._fragments[node.name.value].selection_set, times)
            else:
                self.selections(getattr(node, "selection_set", None), times)

    def _page(self, node: FieldNode, times: int) -> int:
        """How many objects a field leads to; counts it where it is a list."""
        bounds = (given for given in node.arguments or () if given.name.value in ("first", "last"))
        first = next((self._number(given.value) for given in bounds), None)
        name = node.name.value
        if first is None:
            if self._selects_nodes(node):
                message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
                raise GraphQLError(message, node, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
            return 1
        if not 1 <= first <= MAX_PAGE:
            message = f"Requesting {first} records on the `{name}` connection exceeds the `first` limit of 100 records."
            raise GraphQLError(message, node, extensions={"type": "EXCESSIVE_PAGINATION"})
        self.cost.requests += times
        self.cost.nodes += times * first
        return first

    def _selects_nodes(self, node: FieldNode) -> bool:
        chosen = node.selection_set.selections if node.selection_set else ()
        return any(isinstance(one, FieldNode) and one.name.value == "nodes" for one in chosen)

    def _number(self, value: object) -> int | None:
        if isinstance(value, IntValueNode):
            return int(value.value)
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return given if isinstance(given, int) else None
