"""Reading through REST, where a server has no GraphQL or there is no token: several requests a repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mdpc.connector import TrackerError
from mdpc.model import ContainerRef, Record
from mdpc_github.client import Client
from mdpc_github.records import Counts, rest_record, rest_repository, within
from mdpc_github.source import Listed, Listing, Want


def repository_path(name: str) -> str:
    """The path of OWNER/NAME in the API."""
    return f"/repos/{quote(name)}"


def _listing(pages: Callable[[], Iterable[Mapping[str, Any]]]) -> Listing:
    found: list[Listed] = []
    try:
        found.extend(Listed(rest_repository(data)) for data in pages())
    except TrackerError as error:
        if error.reason == "auth":
            raise
        return Listing(found, error)
    return Listing(found)


class RestSource:
    """Reads repository by repository. `connector` is the name in refs, `login` the account if known.

    Keeps the Source protocol.
    """

    def __init__(self, client: Client, connector: str, login: str | None = None) -> None:
        self._client = client
        self._connector = connector
        self._login = login

    def account(self) -> str:
        """The token's login; empty without a token, and for an installation's."""
        if self._login is None:
            self._login = self._ask_login() if self._client.credentials.present else ""
        return self._login

    def _ask_login(self) -> str:
        try:
            return str(self._client.get("/user")[1]["login"])
        except TrackerError as error:
            if error.reason == "forbidden":
                return ""
            raise

    def owner(self, login: str, want: Want) -> Listing:  # noqa: ARG002 - a listing has no milestones here
        """An organisation's repositories, else a user's, else one's own with the private ones."""
        listing = self._pages(f"/orgs/{quote(login)}/repos", {"type": "all"}, whole=True)
        if listing.error is None or listing.error.reason != "missing":
            return listing
        if login.lower() == self.account().lower():
            return self._pages("/user/repos", {"affiliation": "owner"})
        return self._pages(f"/users/{quote(login)}/repos", {"type": "owner"}, whole=True)

    def everything(self, want: Want) -> Listing:  # noqa: ARG002 - as above
        """What the token can see; without a token nobody can say."""
        if self._client.credentials.is_installation:
            return _listing(lambda: self._client.pages("/installation/repositories", {}, "repositories"))
        if not self._client.credentials.present:
            step = f"Set {self._client.variable}, or name owners: OWNER/*."
            return Listing((), TrackerError("Without a token there is no list of all", reason="auth", next_step=step))
        return self._pages("/user/repos", {})

    def _pages(self, path: str, parameters: Mapping[str, str], *, whole: bool = False) -> Listing:
        return _listing(lambda: self._client.pages(path, parameters, whole=whole))

    def look(self, names: Sequence[str], want: Want) -> Mapping[str, Listed | TrackerError]:
        """Read repositories by name, one after the other; a used-up limit ends it for all that remain."""
        answers: dict[str, Listed | TrackerError] = {}
        hopeless: TrackerError | None = None
        for name in names:
            answers[name] = hopeless or self._one(name, want)
            answer = answers[name]
            error = answer if isinstance(answer, TrackerError) else answer.error
            if error is not None and error.reason == "auth":
                raise error
            if error is not None and error.reason in ("limited", "network"):
                hopeless = error
        return answers

    def _one(self, name: str, want: Want) -> Listed | TrackerError:
        try:
            repository = rest_repository(self._client.get(repository_path(name))[1])
        except TrackerError as error:
            return error
        readable = want.milestones and repository.has_issues and not repository.archived
        if not readable:
            return Listed(repository)
        try:
            return Listed(repository, self._records(repository.name, want))
        except TrackerError as error:
            return Listed(repository, error=error)

    def _records(self, name: str, want: Want) -> tuple[Record, ...]:
        path = repository_path(name)
        container = ContainerRef(self._connector, name)
        state = {"state": "all", "sort": "due_on", "direction": "asc"}
        milestones = list(self._client.pages(f"{path}/milestones", state))
        counts: Mapping[int, Counts] = {}
        if any(within(rest_record(container, data, Counts()), want.closed_since) for data in milestones):
            counts = _counts(self._client.pages(f"{path}/issues", {"milestone": "*", "state": "all"}))
        records = (rest_record(container, data, counts.get(data["number"], Counts())) for data in milestones)
        wanted = (record for record in records if within(record, want.closed_since))
        return tuple(sorted(wanted, key=lambda record: int(record.ref.id)))


def _counts(issues: Iterable[Mapping[str, Any]]) -> Mapping[int, Counts]:
    """Issues by their milestone's number; the list has pull requests too, which do not count."""
    counts: defaultdict[int, Counts] = defaultdict(Counts)
    for issue in issues:
        if issue.get("milestone") and "pull_request" not in issue:
            number = issue["milestone"]["number"]
            counts[number] = counts[number].plus(issue)
    return counts
