"""Coordination issues that lost their label, where GitHub does not list issues by who opened them: asked of REST.

It is one question for each account, which some servers do not understand of an App's account: then nothing is found,
and nothing is lost but what the label hides as well. On github.com it is understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mdpc.connector import TrackerError
from mdpc.model import ContainerRef, Ref
from mdpc_github.batching import one_by_one
from mdpc_github.client import Client
from mdpc_github.issue_records import is_labelled, issue_ref, labels
from mdpc_github.issue_rest import Data, issues_path, opened
from mdpc_github.own import Own

MARKS = ("mdpc:issue ", "mdpc:dashboard ")
"""What the text of each coordination issue holds, or of a program's dashboard."""
NO_ANSWER = ("auth", "server", "network", "limited")
"""Reasons for which the question was not answered; any other is GitHub's way to know nothing of an account."""

Ask = Callable[[str, Mapping[str, Any]], Any]
"""Asks for the body at a path, with a query."""


def unlabelled(ask: Ask, own: Own, name: str) -> list[Data]:
    """The open coordination issues of OWNER/NAME without the label, of the 100 of each account that changed last.

    Raises TrackerError where the question was not answered.
    """
    found = {each["number"]: each for author in own.authors for each in _opened_by(ask, name, author)}
    return [
        each
        for each in opened(found.values(), own)
        if any(mark in (each.get("body") or "") for mark in MARKS) and not is_labelled(labels(each))
    ]


def _opened_by(ask: Ask, name: str, author: str) -> list[Data]:
    query = {"creator": author, "state": "open", "sort": "updated", "per_page": 100}
    try:
        return list(ask(issues_path(name), query))
    except TrackerError as error:
        if error.reason in NO_ANSWER:
            raise
        return []


class Unlabelled:
    """Finds them in many repositories; `connector` is the name in refs."""

    def __init__(self, client: Client, connector: str, own: Own) -> None:
        self._client = client
        self._connector = connector
        self._own = own

    def listed(self, homes: Sequence[str]) -> Mapping[str, tuple[Ref, ...] | TrackerError]:
        """One request a repository and account; none at all where GitHub lists by `Own.creator`.

        Only a refused token (reason `auth`) is raised.
        """
        return {} if self._own.creator else one_by_one(homes, self._listed)

    def _listed(self, name: str) -> tuple[Ref, ...]:
        def ask(path: str, query: Mapping[str, Any]) -> Any:
            return self._client.get(path, query)[1]

        container = ContainerRef(self._connector, name)
        return tuple(issue_ref(container, each["number"]) for each in unlabelled(ask, self._own, name))
