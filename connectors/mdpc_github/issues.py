"""From what a run wants to know to an IssueReading: what was read, what is missing, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from mdpc.connector import TrackerError
from mdpc.coordination import Delivered, Issue, IssueReading, IssueScope
from mdpc.model import Account, ContainerRef, Ref, Unread
from mdpc_github.issue_records import issue_number
from mdpc_github.issue_source import IssueSource
from mdpc_github.issue_unlabelled import Unlabelled
from mdpc_github.reading import SERVER_IS_AWAY

_TEAM_NAME = "No team of GitHub is called so. Write ORGANISATION/TEAM, such as acme/leads."
_TEAM_RIGHT = "Give the token the scope read:org, or the App the permission Members: read"


def read(
    source: IssueSource, unlabelled: Unlabelled, connector: str, scope: IssueScope, optional: Sequence[str]
) -> IssueReading:
    """Read everything; raises TrackerError only where nothing at all could be read.

    `optional` are the settings' globs of repositories whose loss is not an incomplete run. `own` and `approvers` are
    for other trackers: no milestone of GitHub is an issue or has approvers.
    """
    result = _Result(connector, optional)
    result.list_homes(source, scope)
    further = result.list_unlabelled(unlabelled, scope.homes)
    result.look_up(source, scope.known, further)
    result.list_contents(source, scope.contents)
    result.list_teams(source, scope.teams)
    result.list_delivered(source, scope.delivered)
    return result.reading()


@dataclass(slots=True)
class _Result:
    """What was read so far. `whole` says whether anything was."""

    connector: str
    optional: Sequence[str]
    issues: dict[Ref, Issue] = field(default_factory=dict)
    missing: list[Ref] = field(default_factory=list)
    contents: dict[Ref, frozenset[str]] = field(default_factory=dict)
    teams: dict[str, tuple[Account, ...]] = field(default_factory=dict)
    teamless: dict[str, str] = field(default_factory=dict)
    delivered: dict[Ref, tuple[Delivered, ...]] = field(default_factory=dict)
    unread: dict[ContainerRef, str] = field(default_factory=dict)
    errors: list[TrackerError] = field(default_factory=list)
    whole: bool = False

    def list_homes(self, source: IssueSource, scope: IssueScope) -> None:
        """The coordination issues of the homes."""
        homes = tuple(dict.fromkeys(scope.homes))
        for name, answer in source.listed(homes, scope.closed_since).items() if homes else ():
            if isinstance(answer, TrackerError):
                self.lose(ContainerRef(self.connector, name), answer)
            else:
                self.keep(answer)

    def list_unlabelled(self, unlabelled: Unlabelled, homes: Iterable[str]) -> list[Ref]:
        """The addresses of those of the homes that lost their label; of lost homes nothing more is asked."""
        there = [name for name in dict.fromkeys(homes) if ContainerRef(self.connector, name) not in self.unread]
        found: list[Ref] = []
        for name, answer in unlabelled.listed(there).items():
            if isinstance(answer, TrackerError):
                self.lose(ContainerRef(self.connector, name), answer)
            else:
                found.extend(answer)
        return found

    def look_up(self, source: IssueSource, known: Sequence[Ref], further: Sequence[Ref]) -> None:
        """The issues that memory names, and `further` ones, that no listing had; not those of lost containers."""
        numbers = [ref for ref in (*known, *further) if ref not in self.issues and issue_number(ref.id)]
        self.missing.extend(ref for ref in known if not issue_number(ref.id))
        wanted = [ref for ref in dict.fromkeys(numbers) if ref.container not in self.unread]
        for ref, answer in source.numbered(wanted).items() if wanted else ():
            if isinstance(answer, TrackerError):
                self.lose(ref.container, answer)
            elif answer is None:
                self.whole = True
                self.missing += [ref] if ref in known else []
            else:
                self.keep([answer])

    def list_contents(self, source: IssueSource, refs: Sequence[Ref]) -> None:
        """The numbers of the milestones' issues."""
        for ref, answer in source.contents(tuple(dict.fromkeys(refs))).items() if refs else ():
            if isinstance(answer, TrackerError):
                self.lose(ref.container, answer)
            else:
                self.whole = True
                self.contents[ref] = answer

    def list_teams(self, source: IssueSource, names: Sequence[str]) -> None:
        """The members of the teams."""
        split: dict[tuple[str, str], list[str]] = {}
        for name in names:
            organisation, _, slug = name.strip().partition("/")
            if organisation and slug and "/" not in slug:
                split.setdefault((organisation, slug), []).append(name)
            else:
                self.teamless[name] = _TEAM_NAME
        for team, answer in source.members(tuple(split)).items() if split else ():
            for name in split[team]:
                if isinstance(answer, TrackerError):
                    self.errors.append(answer)
                    self.teamless[name] = _why_teamless(answer)
                else:
                    self.whole = True
                    self.teams[name] = answer

    def list_delivered(self, source: IssueSource, refs: Sequence[Ref]) -> None:
        """The closed issues of milestones. What cannot be read is left out: nothing is decided on it."""
        for ref, answer in source.delivered(tuple(dict.fromkeys(refs))).items() if refs else ():
            if not isinstance(answer, TrackerError):
                self.whole = True
                self.delivered[ref] = answer

    def keep(self, issues: Iterable[Issue]) -> None:
        """Note issues that were read with all their comments."""
        self.whole = True
        self.issues |= {issue.ref: issue for issue in issues}

    def lose(self, container: ContainerRef, error: TrackerError) -> None:
        """Note a repository whose issues could not be read completely."""
        self.errors.append(error)
        self.unread.setdefault(container, str(error))

    def reading(self) -> IssueReading:
        """All of it, without the issues of lost repositories; where the server was away all the time, its error."""
        if not self.whole and self.errors and all(error.reason in SERVER_IS_AWAY for error in self.errors):
            raise self.errors[0]
        return IssueReading(
            self.connector,
            tuple(issue for issue in self.issues.values() if issue.ref.container not in self.unread),
            tuple(dict.fromkeys(self.missing)),
            {ref: found for ref, found in self.contents.items() if ref.container not in self.unread},
            teams=self.teams,
            teamless=self.teamless,
            delivered=self.delivered,
            unread=tuple(self._unread(container, why) for container, why in sorted(self.unread.items())),
        )

    def _unread(self, container: ContainerRef, why: str) -> Unread:
        optional = any(fnmatchcase(container.name.lower(), glob.lower()) for glob in self.optional)
        return Unread(str(container), why, optional)


def _why_teamless(error: TrackerError) -> str:
    """Why a team's members are not known: GitHub shows neither teams nor their absence without the right."""
    if error.reason in ("missing", "forbidden"):
        return f"{error.what}. Check the name ORGANISATION/TEAM. {_TEAM_RIGHT}."
    return str(error)
