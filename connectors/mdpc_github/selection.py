"""Which repositories are read: the entries of `repositories`, and what the programs' members name. Pure.

Names and globs say which repositories are meant; GitHub's names are matched without regard to case. `!` before a name
or glob takes away. `topic:NAME`, `public` and `private` narrow the selection: to repositories that have one of the
named topics, and to those of the named visibility (`private` is everything that not anybody may read, `internal`
included); `!topic:NAME`, `!public` and `!private` take away. A list without any name or glob selects from all
repositories that the token can see; an empty list selects nothing by itself.

Members come on top: they are not narrowed; `!NAME` and `!GLOB` take away from their globs, while a repository that a
program spells out is always read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mdpc.connector_settings import whole_glob

_WILD = re.compile(r"[*?\[]")
_OWNER = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9_*?-]*")
_NAME = re.compile(r"[A-Za-z0-9._*?\[\]!-]+")
_VISIBILITIES = ("public", "private")


@dataclass(frozen=True, slots=True)
class Repository:
    """What must be known of a repository before its milestones are read.

    `name` is OWNER/NAME as GitHub spells it now, `uid` its node id. `role` is the viewer's there: `read`, `triage`,
    `write`, `maintain` or `admin`, empty where the server did not say.
    """

    name: str
    uid: str
    url: str
    public: bool
    archived: bool = False
    has_issues: bool = True
    topics: frozenset[str] = frozenset()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name or glob of repositories; `text` is how it was written."""

    text: str
    owner: str
    name: str

    @classmethod
    def parse(cls, text: str, *, excludes: bool = False) -> Pattern:
        """Read OWNER/GLOB; raises ValueError with what to write instead. Only excludes may have a glob for owner."""
        if "://" in text:
            raise ValueError(f"{text!r} is a web address; write OWNER/NAME alone")
        owner, _, name = text.partition("/")
        if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in (".", ".."):
            raise ValueError(
                f"{text!r} names no repository; write OWNER/NAME, OWNER/* for all of one owner, "
                "topic:NAME, public or private"
            )
        if _WILD.search(owner) and not excludes and text != "*/*":
            raise ValueError(
                f"{text!r} has a glob for its owner; write one entry for each owner, "
                "or */* for all repositories that the token can see"
            )
        return cls(text, owner.lower(), name.lower())

    @property
    def literal(self) -> bool:
        """Whether it is one repository's name."""
        return not _WILD.search(self.owner + self.name)

    @property
    def everything(self) -> bool:
        """Whether it means all that the token can see."""
        return self.owner == "*"

    def matches(self, full_name: str) -> bool:
        """Whether a repository's OWNER/NAME is meant."""
        owner, _, name = full_name.lower().partition("/")
        return fnmatchcase(owner, self.owner) and fnmatchcase(name, self.name)


def check_entry(text: str) -> str:
    """Check one entry of `repositories` as configured; raises ValueError with what to write instead."""
    body = text.removeprefix("!")
    if body in _VISIBILITIES:
        return text
    prefix, colon, rest = body.partition(":")
    if colon and "://" not in body:
        if prefix != "topic" or not rest:
            raise ValueError(f"{text!r} has an unknown prefix; write topic:NAME, public, private or OWNER/GLOB")
        return text
    Pattern.parse(whole_glob(body), excludes=text.startswith("!"))
    return text


def member_problem(name: str) -> str:
    """Why a program's member cannot be a repository or a glob of some, empty where it can."""
    try:
        Pattern.parse(name)
    except ValueError as error:
        return str(error).replace(", topic:NAME, public or private", "")
    return ""


def _selectors(entries: Iterable[str], prefix: str) -> tuple[frozenset[str], frozenset[str]]:
    """The topics and the visibilities among the entries that start with `prefix` (`!` or nothing)."""
    chosen = [e.removeprefix(prefix) for e in entries if e.startswith("!") == bool(prefix)]
    topics = frozenset(e.removeprefix("topic:").lower() for e in chosen if e.startswith("topic:"))
    return topics, frozenset(chosen) & frozenset(_VISIBILITIES)


def _patterns(entries: Iterable[str], prefix: str) -> tuple[Pattern, ...]:
    chosen = (e.removeprefix(prefix) for e in entries if e.startswith("!") == bool(prefix))
    return tuple(Pattern.parse(e, excludes=bool(prefix)) for e in chosen if "/" in e and not e.startswith("topic:"))


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be read, decided repository by repository."""

    wanted: tuple[Pattern, ...]
    members: tuple[Pattern, ...]
    unwanted: tuple[Pattern, ...]
    topics: frozenset[str]
    visibilities: frozenset[str]
    without_topics: frozenset[str]
    without_visibilities: frozenset[str]

    @classmethod
    def of(cls, entries: Sequence[str], members: Iterable[Pattern]) -> Selection:
        """From checked entries of `repositories` and the members that programs name."""
        wanted = _patterns(entries, "")
        if entries and not wanted:
            wanted = (Pattern.parse("*/*"),)
        return cls(wanted, tuple(members), _patterns(entries, "!"), *_selectors(entries, ""), *_selectors(entries, "!"))

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Everything that says which repositories are meant, each once."""
        return tuple({(p.owner, p.name): p for p in (*self.wanted, *self.members)}.values())

    @property
    def globs(self) -> tuple[Pattern, ...]:
        """Those that need a listing."""
        return tuple(p for p in self.patterns if not p.literal)

    @property
    def names(self) -> tuple[Pattern, ...]:
        """Those that are one repository's name."""
        return tuple(p for p in self.patterns if p.literal)

    @property
    def asks_topics(self) -> bool:
        """Whether a repository's topics matter."""
        return bool(self.topics or self.without_topics)

    @property
    def narrowed(self) -> bool:
        """Whether less is read than the globs match, so that not all that is listed need be read."""
        return bool(self.topics or self.visibilities or self.without_topics or self.without_visibilities)

    @property
    def narrowing(self) -> tuple[str, ...]:
        """The entries that leave out what the names and globs match."""
        without = (*(f"topic:{topic}" for topic in sorted(self.without_topics)), *sorted(self.without_visibilities))
        return (
            *(f"topic:{topic}" for topic in sorted(self.topics)),
            *sorted(self.visibilities),
            *(f"!{pattern.text}" for pattern in self.unwanted),
            *(f"!{entry}" for entry in without),
        )

    def refusal(self, repository: Repository, names: frozenset[str]) -> str | None:
        """Why a repository is not to be read, None where it is. `names` are all names it was asked for or listed by."""
        hit = [p for p in self.members if any(p.matches(n) for n in names)]
        excluded = next((p for p in self.unwanted if any(p.matches(n) for n in names)), None)
        if any(p.literal for p in hit) or (hit and excluded is None):
            return None
        if not any(p.matches(n) for p in self.wanted for n in names):
            return "nothing in the configuration names it"
        return f"taken away by !{excluded.text}" if excluded else self._narrowed_away(repository)

    def _narrowed_away(self, repository: Repository) -> str | None:
        visibility = "public" if repository.public else "private"
        if self.topics and not self.topics & repository.topics:
            return f"has no topic {' or '.join(sorted(self.topics))}"
        if self.visibilities and visibility not in self.visibilities:
            return f"is {visibility}"
        if taken := self.without_topics & repository.topics:
            return f"taken away by !topic:{min(taken)}"
        return f"taken away by !{visibility}" if visibility in self.without_visibilities else None
