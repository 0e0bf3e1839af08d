"""What a rule is: a small class whose docstring is the user's documentation and whose fields are its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from mdpc.model import ContainerRef, Level, Milestone, Ref

Found = TypeVar("Found")

LONGEST_QUOTE = 80
"""Characters of a tracker's text that a message quotes."""

MOST_NAMED = 10
"""Things in a row that a message names."""


def quoted(text: str) -> str:
    """A tracker's text as messages quote it: in double quotes, and cut where it is very long."""
    return f'"{text}"' if len(text) <= LONGEST_QUOTE else f'"{text[: LONGEST_QUOTE - 1]}…"'


def few(texts: Iterable[str], separator: str = ", ") -> str:
    """Some texts in a row, and of many the count of the others, so that no message grows with them."""
    known = list(texts)
    rest = len(known) - MOST_NAMED
    return separator.join([*known[:MOST_NAMED], *([f"and {rest} more"] if rest > 0 else [])])


@dataclass(frozen=True, slots=True, eq=False)
class Siblings:
    """The milestones of one program, history too, each as it was read: what `Milestone` says of keeping in step is not
    there yet."""

    milestones: tuple[Milestone, ...] = ()
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def once(self, find: Callable[[tuple[Milestone, ...]], Found]) -> Found:
        """What `find`, a pure function, makes of them; it is called once for all milestones of the program."""
        if find not in self._known:
            self._known[find] = find(self.milestones)
        return cast(Found, self._known[find])


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at besides the milestone.

    `today` is the day in the configured time zone, `zone`. `ended_waivers` are those that match this milestone: what
    they matched, and their last day. `containers` are those of the milestone's program that were read, `siblings` the
    program's milestones, this one among them. `untold` are the recipients of its ladder who are nobody who is there
    today, each with the steps (`+5d`) that are for them; `unreached` those who are there and whom these do not reach.
    """

    today: date
    zone: tzinfo = UTC
    ended_waivers: tuple[tuple[str, date], ...] = ()
    containers: tuple[ContainerRef, ...] = ()
    siblings: Siblings = field(default_factory=Siblings)
    untold: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unreached: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule: what is wrong and what to do, in a sentence each.

    `ref` is given where one record is meant; `what` tells several breaches of one milestone apart from run to run. One
    that matters `at_least` so much does whatever the level of the rule, as long as it is on.
    """

    message: str
    remedy: str
    ref: Ref | None = None
    what: str = ""
    at_least: Level | None = None


class Rule(BaseModel):
    """A rule that milestones are judged by.

    A subclass names itself in kebab-case and its default level; its own fields are keys of its table in `[rules]`.
    Its docstring is what `mdpc explain NAME` prints. It is registered in the entry-point group `mdpc.rules`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: ClassVar[str]
    default: ClassVar[Level] = Level.OFF
    needs_activity: ClassVar[bool] = False

    level: Level = Field(Level.OFF, description="`off`, `warn` or `error`")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """The breaches of one milestone that is no history; a pure function."""
        raise NotImplementedError

    @classmethod
    def configure(cls, value: Level | str | Mapping[str, Any] | None) -> Rule:
        """The rule with a level, or a table of a level and its own settings; None is the default.

        A table without a level turns the rule on at `warn`. Raises pydantic's ValidationError.
        """
        if value is None:
            return cls.model_construct(level=cls.default) if cls.default is Level.OFF else cls(level=cls.default)
        table = {"level": value} if isinstance(value, str) else {"level": Level.WARN, **value}
        if table == {"level": Level.OFF}:  # a rule that is off needs none of its settings
            return cls.model_construct(level=Level.OFF)
        return cls.model_validate(table)
