"""Which things of a graph lead back to themselves. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def components(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The strongly connected components of a graph (Tarjan), each after those that it leads to.

    Every node is a key of `graph`. What is alone in its component leads back to itself only if it says so.
    """
    search = _Search(graph)
    for node in graph:
        search.start(node)
    return search.found


class _Search:
    """A walk that is not recursive, since what people wrote may be as deep as it likes."""

    def __init__(self, graph: Mapping[str, Sequence[str]]) -> None:
        self.found: list[tuple[str, ...]] = []
        self._graph = graph
        self._number: dict[str, int] = {}
        self._lowest: dict[str, int] = {}
        self._open: dict[str, None] = {}

    def start(self, node: str) -> None:
        path = [self._entered(node)] if node not in self._number else []
        while path:
            here, onward = path[-1]
            there = next(onward, None)
            if there is None:
                path.pop()
                if path:
                    self._reaches(path[-1][0], self._lowest[here])
                self._left(here)
            elif there not in self._number:
                path.append(self._entered(there))
            elif there in self._open:
                self._reaches(here, self._number[there])

    def _entered(self, node: str) -> tuple[str, Iterator[str]]:
        self._number[node] = self._lowest[node] = len(self._number)
        self._open[node] = None
        return node, iter(self._graph[node])

    def _reaches(self, node: str, number: int) -> None:
        self._lowest[node] = min(self._lowest[node], number)

    def _left(self, node: str) -> None:
        """Once nothing earlier is reached from a node, all that is open since is its component."""
        if self._lowest[node] < self._number[node]:
            return
        component: list[str] = []
        while not component or component[-1] != node:
            component.append(self._open.popitem()[0])
        self.found.append(tuple(component))
