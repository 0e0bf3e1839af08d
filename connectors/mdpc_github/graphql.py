"""Reading through GraphQL: many repositories a request, less at once where GitHub is overloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mdpc.connector import TrackerError
from mdpc.model import ContainerRef, Record
from mdpc_github import queries
from mdpc_github.answers import CHECK, NOT_THERE, Partial
from mdpc_github.batching import HOPELESS, batches, named, nothing, torn
from mdpc_github.client import Client
from mdpc_github.queries import Part
from mdpc_github.records import day, graphql_record, graphql_repository, within
from mdpc_github.rest import RestSource
from mdpc_github.selection import Repository
from mdpc_github.source import Listed, Listing, Want

FEWEST = 6
"""Repositories a page below which a listing with milestones is given up; their names then come from REST."""


@dataclass(slots=True)
class _Draft:
    """A repository whose milestones are being read; `more` are the lists that go on, each with its cursor.

    `doubtful` is one whose milestones came in an answer that nobody knows to be whole: they are read again.
    """

    repository: Repository
    container: ContainerRef
    records: dict[str, Record] = field(default_factory=dict)
    more: list[tuple[Part, str]] = field(default_factory=list)
    error: TrackerError | None = None
    doubtful: bool = False

    def take(self, part: Part, connection: Mapping[str, Any], want: Want) -> None:
        """Add one page of one list; note if it goes on to milestones that are wanted."""
        nodes = connection["nodes"]
        for node in nodes:
            record = graphql_record(self.container, node)
            if within(record, want.closed_since):
                self.records[record.ref.id] = record
        page = connection["pageInfo"]
        if page["hasNextPage"] and not (part is queries.CLOSED and nodes and _before(nodes[-1], want)):
            self.more.append((part, page["endCursor"]))

    def listed(self, want: Want) -> Listed:
        """The repository as read."""
        if self.doubtful:
            return Listed(self.repository)
        if self.error is not None or not want.milestones:
            return Listed(self.repository, error=self.error)
        ordered = sorted(self.records.values(), key=lambda record: int(record.ref.id))
        return Listed(self.repository, tuple(ordered))


@dataclass(slots=True)
class _Pages:
    """The pages of a listing so far; `withheld` counts repositories that are there and were not told.

    A `whole` one is not complete where GitHub leaves out what single sign-on protects.
    """

    whole: bool
    drafts: list[_Draft] = field(default_factory=list)
    error: TrackerError | None = None
    withheld: int = 0

    def lose(self, error: TrackerError, count: int = 1) -> None:
        """Note what the listing lacks, and why."""
        self.error = self.error or error
        self.withheld += count


def _before(node: Mapping[str, Any], want: Want) -> bool:
    """Whether a milestone last changed before the closed ones that are wanted; closing one changes it."""
    changed = day(node["updatedAt"])
    return changed is not None and want.closed_since is not None and changed < want.closed_since


def _parts(want: Want) -> tuple[Part, ...]:
    if not want.milestones:
        return ()
    return (queries.EVERY,) if want.closed_since is None else (queries.OPEN, queries.CLOSED)


class GraphQLSource:
    """Reads many repositories a request. `connector` is the name in refs. Keeps the Source protocol."""

    def __init__(self, client: Client, connector: str) -> None:
        self._client = client
        self._connector = connector
        self._login: str | None = None

    def available(self) -> bool:
        """Whether the server has GraphQL; the query that finds out is the account's."""
        try:
            self.account()
        except TrackerError as error:
            if error.reason == "missing":
                return False
            raise
        return True

    def account(self) -> str:
        """The token's login; empty where GitHub gives an App none."""
        if self._login is None:
            self._login = self._ask_login()
        return self._login

    def _ask_login(self) -> str:
        try:
            viewer = self._client.graphql(queries.ACCOUNT, {}).data.get("viewer") or {}
        except TrackerError as error:
            if error.reason == "forbidden" and error.status is None:  # an error of the field, not of the request
                return ""
            raise
        return str(viewer.get("login", ""))

    def owner(self, login: str, want: Want) -> Listing:
        """Page through an owner's repositories, milestones nested; where that fails, their names come from REST."""
        listing = self._list(lambda parts: queries.owner(parts, topics=want.topics), {"login": login}, want, whole=True)
        return self._with_names(
            listing, lambda: RestSource(self._client, self._connector, self._login).owner(login, want)
        )

    def everything(self, want: Want) -> Listing:
        """What the token's person can see; for an installation, what it was given."""
        rest = RestSource(self._client, self._connector, self._login)
        if self._client.credentials.is_installation:
            return rest.everything(want)
        listing = self._list(lambda parts: queries.everything(parts, topics=want.topics), {}, want)
        return self._with_names(listing, lambda: rest.everything(want))

    @staticmethod
    def _with_names(listing: Listing, by_rest: Callable[[], Listing]) -> Listing:
        """Make an incomplete listing whole: one repository that GraphQL chokes on must not cost all the others.

        What REST lists besides is left for `look`, which finds out which repository it is. The listing is whole only if
        REST lists all that GraphQL did, and at least as many more as GraphQL withheld: REST leaves out what it forbids.
        """
        if listing.error is None or listing.error.reason in HOPELESS:
            return listing
        if listing.error.reason == "missing" and not listing.withheld:
            return listing
        names = by_rest()
        known = {listed.repository.uid for listed in listing.found}
        more = [listed for listed in names.found if listed.repository.uid not in known]
        whole = (
            names.error is None
            and known <= {listed.repository.uid for listed in names.found}
            and len(more) >= listing.withheld
        )
        return Listing([*listing.found, *more], None if whole else listing.error)

    def look(self, names: Sequence[str], want: Want) -> Mapping[str, Listed | TrackerError]:
        """Read repositories by name, 50 a request."""
        parts = _parts(want)

        def ask(batch: Sequence[str], patient: bool) -> Partial:
            query = queries.names(len(batch), parts, topics=want.topics)
            return self._client.graphql(query, named(batch), patient=patient)

        answers: dict[str, Listed | TrackerError] = {}
        drafts: dict[str, _Draft] = {}
        for name, node, error in batches(names, queries.REPOSITORIES, ask):
            if node is None:
                answers[name] = error or nothing()
            else:
                drafts[name] = self._draft(node, parts, want, error)
        self._complete(list(drafts.values()), want)
        for name, draft in drafts.items():
            answers[name] = draft.listed(want)
        return answers

    def _list(
        self,
        query: Callable[[tuple[Part, ...]], str],
        variables: Mapping[str, Any],
        want: Want,
        *,
        whole: bool = False,
    ) -> Listing:
        """Page through a listing, with smaller pages where GitHub is overloaded by the milestones in them."""
        parts = _parts(want)
        size, cursor = (queries.REPOSITORIES if parts else queries.NAMES), None
        pages = _Pages(whole)
        while True:
            asked = {**variables, "first": size, "after": cursor}
            try:
                answer = self._client.graphql(query(parts), asked, patient=not parts, whole=False)
            except TrackerError as error:
                if error.reason == "auth":
                    raise
                if parts and error.reason == "server" and size > FEWEST:
                    size //= 2
                    continue
                return self._listing(pages, want, error)
            page = self._page(answer, parts, want, pages)
            if page is None or not page["hasNextPage"]:
                return self._listing(pages, want)
            cursor = page["endCursor"]

    def _page(self, answer: Partial, parts: Sequence[Part], want: Want, pages: _Pages) -> Mapping[str, Any] | None:
        """Add one page of a listing; where the listing goes on, None where there is no page."""
        owner = answer.data.get("owner")
        connection = (owner or {}).get("repositories")
        if connection is None or connection["nodes"] is None:
            error = answer.error_at("owner") or answer.unplaced or (_nobody() if owner is None else nothing())
            pages.lose(error, 0)
            return None
        nodes = connection["nodes"]
        vague = answer.unplaced or (answer.withheld if pages.whole else None)
        if vague:  # it does not say what it is about: one repository at least
            pages.lose(vague, max(1, nodes.count(None)))
        for index, node in enumerate(nodes):
            error_here = answer.error_at("owner", "repositories", "nodes", index)
            if node is not None:
                draft = self._draft(node, parts, want, error_here)
                draft.doubtful = answer.unplaced is not None
                pages.drafts.append(draft)
            elif not vague:
                pages.lose(error_here or nothing())
        info: Mapping[str, Any] = connection["pageInfo"]
        return info

    def _listing(self, pages: _Pages, want: Want, error: TrackerError | None = None) -> Listing:
        """All that was listed; `error` is what ended the listing."""
        self._complete([draft for draft in pages.drafts if not draft.doubtful], want)
        return Listing([draft.listed(want) for draft in pages.drafts], error or pages.error, pages.withheld)

    def _draft(self, node: Mapping[str, Any], parts: Sequence[Part], want: Want, error: TrackerError | None) -> _Draft:
        repository = graphql_repository(node)
        draft = _Draft(repository, ContainerRef(self._connector, repository.name), error=error)
        for part in parts:
            connection = node.get(part.alias)
            if connection is None or torn(connection):
                draft.error = draft.error or nothing()
            else:
                draft.take(part, connection, want)
        return draft

    def _complete(self, drafts: Sequence[_Draft], want: Want) -> None:
        """Read the further pages of all milestones that do not fit a first one, 20 repositories a request."""

        def ask(batch: Sequence[tuple[_Draft, Part, str]], patient: bool) -> Partial:
            cursors = {f"c{i}": cursor for i, (_, _, cursor) in enumerate(batch)}
            query = queries.further([part for _, part, _ in batch])
            variables = named([draft.repository.name for draft, _, _ in batch]) | cursors
            return self._client.graphql(query, variables, patient=patient)

        while pending := [(draft, part, cursor) for draft in drafts if not draft.error for part, cursor in draft.more]:
            for draft in drafts:
                draft.more.clear()
            for (draft, part, _), node, error in batches(pending, queries.FOLLOW_UPS, ask):
                connection = (node or {}).get(part.alias)
                if error or connection is None or torn(connection):
                    draft.error = error or nothing()
                else:
                    draft.take(part, connection, want)


def _nobody() -> TrackerError:
    """An owner who is not there is null, without an error."""
    return TrackerError(NOT_THERE, reason="missing", next_step=f"{CHECK}.")
