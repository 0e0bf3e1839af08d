"""From the configuration's selection to a Reading: what is read, what is left out, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from mdpc.connector import TrackerError
from mdpc.model import Container, ContainerRef, Reading, Record, Scope, Skipped, Unread
from mdpc_github import dividing
from mdpc_github.own import Own
from mdpc_github.records import CREATED
from mdpc_github.selection import Pattern, Repository, Selection
from mdpc_github.settings import GitHubSettings
from mdpc_github.source import Listed, Listing, Source, Want

MENTION = "@{}"
"""How a login is mentioned in a comment."""
SERVER_IS_AWAY = ("auth", "limited", "network", "server")


@dataclass(slots=True)
class Catalogue:
    """What became of everything that the configuration names; `chosen` are by node id, so each is there once.

    `asked` are the names under which a repository was asked for or listed, its current name included. `listed` are all
    that listings had, in small letters, and `elsewhere` counts what was left to other shards. `globbed` says that a
    glob chooses some, so that new ones may come.
    """

    connector: str
    optional: Sequence[str] = ()
    chosen: dict[str, Listed] = field(default_factory=dict)
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    errors: list[TrackerError] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    elsewhere: int = 0
    globbed: bool = False

    def lose(self, name: str, why: TrackerError | str) -> None:
        """Note a repository, or a glob, that could not be read."""
        if isinstance(why, TrackerError):
            self.errors.append(why)
        optional = any(fnmatchcase(name.lower(), glob.lower()) for glob in self.optional)
        self.unread[name] = Unread(str(ContainerRef(self.connector, name)), str(why), optional)

    def skip(self, name: str, why: str) -> None:
        """Note what was left out on purpose."""
        self.skipped[name] = Skipped(str(ContainerRef(self.connector, name)), why)

    def add(self, listed: Listed, name: str) -> None:
        """Note a repository that was found under a name."""
        uid = listed.repository.uid
        self.asked[uid] = self.asked.get(uid, frozenset({listed.repository.name})) | {name}
        known = self.chosen.get(uid)
        if known is None or (known.records is None and known.error is None):
            self.chosen[uid] = listed

    def leave(self, repository: Repository, why: str, *, say: bool) -> None:
        """Take a repository out again, and say so if anybody would miss it."""
        del self.chosen[repository.uid]
        if say:
            self.skip(repository.name, why)
        for name in self.former_names(repository):
            self.skip(name, f"renamed to {repository.name}, and left out: {why}")

    def pass_on(self, repository: Repository) -> None:
        """Leave a repository to another shard."""
        del self.chosen[repository.uid]
        self.elsewhere += 1

    def former_names(self, repository: Repository) -> list[str]:
        """Names that a repository was asked for by, and has no longer."""
        return sorted(name for name in self.asked[repository.uid] if name.lower() != repository.name.lower())

    def lose_former_names(self, repository: Repository) -> None:
        """Note a lost repository under its former names as well: programs may know it by one of them."""
        lost = self.unread[repository.name]
        for name in self.former_names(repository):
            container, why = str(ContainerRef(self.connector, name)), f"Renamed to {repository.name}. {lost.why}"
            self.unread[name] = replace(lost, container=container, why=why)


def catalogue(source: Source, connector: str, settings: GitHubSettings, scope: Scope, *, milestones: bool) -> Catalogue:
    """Find and read what the settings and the scope name. Without `milestones` only the repositories are found.

    Raises TrackerError with reason `auth` where the token is refused.
    """
    result = Catalogue(connector, settings.optional)
    selection = Selection.of(settings.repositories, _members(scope.members, result))
    result.globbed = bool(selection.globs)
    want = Want(milestones, selection.asks_topics, scope.closed_since)
    # Where reading may end early, or is shared, it is known first what there is: nothing is read half, or for nobody.
    share, names_first = scope.share, scope.turn is not None or scope.share is not None
    _list(source, selection, replace(want, milestones=milestones and not names_first), result)
    listed = {listed.repository.name.lower() for listed in result.chosen.values()}
    names = _in_turn([p.text for p in selection.names if p.text.lower() not in listed], scope)
    own = [name for name in names if share is None or share.own.name(name)]
    _look(source, own, want, result)
    if share is not None:
        rest = [name for name in names if name not in own and not share.others.name(name)]
        _look(source, rest, replace(want, milestones=False), result)
    _choose(selection, result)
    _say_what_is_empty(selection, result)
    if share is not None:
        dividing.divide(source, share, result)
    if milestones:
        rest = [item.repository.name for item in result.chosen.values() if item.records is None and item.error is None]
        _look(source, _in_turn(rest, scope), want, result)
    return result


def _in_turn(names: Sequence[str], scope: Scope) -> Sequence[str]:
    """Repositories in the order in which they are read."""
    return sorted(names, key=scope.turn) if scope.turn else names


def _members(members: Iterable[str], result: Catalogue) -> list[Pattern]:
    """The members' patterns; one that is none is unread."""
    patterns = []
    for member in members:
        try:
            patterns.append(Pattern.parse(member))
        except ValueError as error:
            result.lose(member, f"{error}.")
    return patterns


def _list(source: Source, selection: Selection, want: Want, result: Catalogue) -> None:
    """Read the owners whose repositories a glob names, milestones and all where every repository is wanted."""
    owners: dict[str, list[Pattern]] = {}
    for pattern in selection.globs:
        owners.setdefault(pattern.owner, []).append(pattern)
    for owner, patterns in owners.items():
        whole = any(pattern.name == "*" for pattern in patterns) and not selection.narrowed
        asked = Want(want.milestones and whole, want.topics, want.closed_since)
        listing: Listing = source.everything(asked) if patterns[0].everything else source.owner(owner, asked)
        result.listed |= {listed.repository.name.lower() for listed in listing.found}
        for listed in listing.found:
            if any(pattern.matches(listed.repository.name) for pattern in patterns):
                result.add(listed, listed.repository.name)
        for pattern in patterns:
            if listing.error is not None:
                result.lose(pattern.text, listing.error)
            elif not any(pattern.matches(listed.repository.name) for listed in listing.found):
                result.skip(pattern.text, "matches no repository that the token can see")


def _look(source: Source, names: Sequence[str], want: Want, result: Catalogue) -> None:
    if not names:
        return
    for name, answer in source.look(names, want).items():
        if isinstance(answer, TrackerError):
            result.lose(name, answer)
            continue
        result.add(answer, name)


def _choose(selection: Selection, result: Catalogue) -> None:
    """Keep what the selection wants and what has milestones to coordinate."""
    literal = {pattern.text.lower() for pattern in selection.names}
    for uid, listed in list(result.chosen.items()):
        repository = listed.repository
        names = result.asked[uid]
        if why := selection.refusal(repository, names):
            result.leave(repository, why, say=any(name.lower() in literal for name in names))
        elif repository.archived:
            result.leave(repository, "archived: nothing in it can change", say=True)
        elif not repository.has_issues:
            result.leave(repository, "has issues switched off", say=True)


def _say_what_is_empty(selection: Selection, result: Catalogue) -> None:
    """Say of each wanted glob of whose repositories none is left why that is, but where each of them says it itself."""
    for pattern in selection.wanted:
        matched = {uid for uid, names in result.asked.items() if any(pattern.matches(name) for name in names)}
        silent = [uid for uid in matched if result.asked[uid].isdisjoint(result.skipped)]
        if silent and matched.isdisjoint(result.chosen):
            all_of_them = (
                "the one repository that it matches is"
                if len(matched) == 1
                else f"all {len(matched)} repositories that it matches are"
            )
            result.skip(pattern.text, f"{all_of_them} left out by {', '.join(selection.narrowing)}")


def read(source: Source, connector: str, settings: GitHubSettings, scope: Scope) -> Reading:
    """Read everything; raises TrackerError only where nothing at all could be read."""
    login = source.account()
    result = catalogue(source, connector, settings, scope, milestones=True)
    containers: list[Container] = []
    records: list[Record] = []
    renamed: list[tuple[ContainerRef, ContainerRef]] = []
    lost: list[Repository] = []
    for listed in sorted(result.chosen.values(), key=lambda item: item.repository.name.lower()):
        repository = listed.repository
        if listed.records is None:
            if repository.name not in result.unread:  # else the reason is known already
                result.lose(repository.name, listed.error or "GitHub gave no milestones. Run again.")
            lost.append(repository)
            continue
        ref = ContainerRef(connector, repository.name)
        containers.append(
            Container(ref, repository.uid, repository.url, repository.public, created=CREATED, mention=MENTION)
        )
        records.extend(listed.records)
        for name in result.former_names(repository):
            renamed.append((ContainerRef(connector, name), ref))
            result.skip(name, f"renamed to {ref.name}, and read as that: write {ref.name} in the configuration")
    if not containers and not result.skipped:
        _raise_if_away(result.errors, result.unread)
    for repository in lost:
        result.lose_former_names(repository)
    accounts = Own.of(login, settings.accounts).names
    return Reading(
        connector,
        tuple(containers),
        tuple(records),
        _sorted(result.unread),
        tuple(result.skipped[name] for name in sorted(result.skipped, key=str.lower)),
        accounts,
        tuple(renamed),
        elsewhere=result.elsewhere,
    )


def _sorted(unread: Mapping[str, Unread]) -> tuple[Unread, ...]:
    return tuple(unread[name] for name in sorted(unread, key=str.lower))


def _raise_if_away(errors: Sequence[TrackerError], unread: Mapping[str, Unread]) -> None:
    """Where everything failed because the server is away, that is the one thing to say."""
    away = [error for error in errors if error.reason in SERVER_IS_AWAY]
    if away and len(away) == len(unread):
        raise away[0]
