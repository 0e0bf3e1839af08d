"""Templates: a team's own words around plain facts, by Jinja2, in a sandbox that calls nothing. Pure.

Every value that a template prints is escaped for the place where it is printed, unless mdpc made it for that place
(`Trusted`): that stands in for Jinja2's own escaping. What a template itself says is the team's, but it mentions
nobody: the people who are meant are one fact, `mentions`, and every other mention is broken. Nor does it write a mark
of mdpc's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mdpc import escape
from mdpc.model import Markup

LONGEST = 30_000
"""Characters of a text: less than any tracker's comment may have."""

LONGEST_VALUE = 300
"""Characters of one text from a tracker."""

MOST = 10
"""Things in a row that a text names; the rest is counted."""

MENTIONS = "mentions"
"""The fact that mentions who is meant."""

Facts = Mapping[str, Any]
"""What a template is given: texts, whole numbers, yes or no, and lists and tables of them."""

_HOLDER = "\ue000"
"""Stands for the mentions until everything else that could mention anybody is broken. No escaped text has it."""

_BREAK = "\u200b"
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?!&#8203;)")
_HIDDEN_AT = re.compile(r"&(?=(?:#0*64|#[xX]0*40|commat);)")
_MARK = re.compile(r"(<!--\s*|\()(?=mdpc:)")
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"})
_FILTERS = ("default", "d", "first", "last", "length", "count", "lower", "upper", "capitalize", "abs")
_CALLS = (nodes.Call, nodes.CallBlock, nodes.Macro)
_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_NOTHING_IS_CALLED = "a template calls nothing"


class Trusted(str):
    """Text that is marked up for the place where it is printed, and harmless there."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A template as it was read: what it says, and the file that it says it in, as people call that."""

    source: str
    file: str


class TemplateFault(Exception):  # noqa: N818 - what is wrong with a template, not with mdpc
    """A template that cannot be used: `line` of its file where that is known, and `what` is wrong."""

    def __init__(self, line: int | None, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def checked(text: Text, known: frozenset[str]) -> None:
    """Raise TemplateFault for a template that does not parse, calls anything, or names what is none of the facts."""
    if _HOLDER in text.source:
        raise TemplateFault(_line_of(text.source, _HOLDER), "this holds a character for private use (U+E000)")
    _compiled(text, Markup.BLOCK)
    tree = _environment(Markup.BLOCK).parse(text.source)
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"} | {"loop"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in known | own:
            raise TemplateFault(name.lineno, f"there is no fact {name.name!r}")


def rendered(text: Text, facts: Facts, markup: Markup) -> str:
    """What a template says with these facts, in one piece without outer blank lines. Raises TemplateFault."""
    template = _compiled(text, markup)
    held = {**facts, MENTIONS: Trusted(_HOLDER if facts.get(MENTIONS) else "")}
    try:
        said = template.render(held)
    except TemplateFault:
        raise
    except Exception as error:
        raise TemplateFault(_line_within(error, text.file), _sentence(error)) from None
    said = _harmless(said, markup).strip()
    if not said:
        raise TemplateFault(None, "it says nothing")
    if len(said) > LONGEST:
        said = f"{said[:LONGEST]}…"
    return said.replace(_HOLDER, str(facts.get(MENTIONS, "")))


def _harmless(said: str, markup: Markup) -> str:
    """The text without any mention and without anything that looks like a mark of mdpc's."""
    if markup is Markup.BLOCK:
        said = _MENTION.sub(f"@{_BREAK}", _HIDDEN_AT.sub("&amp;", said))
    else:
        said = said.replace("[~", "(~")
    return _MARK.sub(lambda found: "( " if found[1] == "(" else "&lt;!-- ", said)


# ── The sandbox ───────────────────────────────────────────────────────────────────────────────────


class _Environment(ImmutableSandboxedEnvironment):
    """Facts are tables and lists: of nothing else is there any part, nothing can be called, nothing multiplied."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A table's entry, or what is known of a loop."""
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A table's entry, or one thing of a list."""
        if isinstance(obj, Undefined):
            return str(obj)  # which says what it is that is not there
        try:
            if isinstance(obj, Mapping | list | tuple):
                return obj[argument]
        except (LookupError, TypeError):
            pass
        return self.undefined(obj=obj, name=argument)

    def call(self, *_: Any, **__: Any) -> Any:
        """Nothing is called."""
        raise SecurityError(_NOTHING_IS_CALLED)

    def call_binop(self, _context: Any, operator: str, _left: Any, _right: Any) -> Any:
        """What could make a text endless."""
        raise SecurityError(f"{operator} is not for templates")


@cache
def _environment(markup: Markup) -> _Environment:
    escaped = escape.markdown if markup is Markup.BLOCK else escape.line

    def shown(value: Any) -> str:
        return _shown(value, escaped)

    made = _Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False, finalize=shown, cache_size=0
    )
    made.globals.clear()
    made.filters = {name: FILTERS[name] for name in _FILTERS}
    made.filters["join"] = lambda values, between="": _joined(values, between, shown)
    made.filters["listed"] = lambda values, more=", and {} more": _listed(values, more, shown)
    return made


def _shown(value: Any, escaped: Callable[[str, int], str]) -> str:
    """A value as it is printed."""
    if isinstance(value, Trusted | Undefined):
        return str(value)
    if isinstance(value, str):
        return _keeping_blanks(value, escaped)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    kind = "yes or no" if isinstance(value, bool) else "nothing" if value is None else "a list or a table"
    raise TypeError(f"{kind} cannot be printed; ask for it with {{% if %}}, or go through it with {{% for %}}")


def _keeping_blanks(text: str, escaped: Callable[[str, int], str]) -> str:
    inner = text.strip(" ")
    start, _, end = text.partition(inner) if inner else (text, "", "")
    return f"{start}{escaped(inner, LONGEST_VALUE)}{end}"


def _joined(values: Sequence[Any], between: str, shown: Callable[[Any], str]) -> Trusted:
    return Trusted(shown(between).join(map(shown, values)))


def _listed(values: Sequence[Any], more: str, shown: Callable[[Any], str]) -> Trusted:
    """Some things in a row, of many the count of the others."""
    rest = len(values) - MOST
    told = ", ".join(map(shown, values[:MOST]))
    return Trusted(f"{told}{shown(more.replace('{}', str(rest)))}" if rest > 0 else told)


@lru_cache(maxsize=256)
def _compiled(text: Text, markup: Markup) -> Template:
    environment = _environment(markup)
    try:
        tree = environment.parse(text.source)
        for kinds, what in ((_CALLS, _NOTHING_IS_CALLED), (_FILES, "a template stands alone")):
            found = next(iter(tree.find_all(kinds)), None)
            if found is not None:
                raise TemplateFault(found.lineno, what)
        code = environment.compile(tree, name=text.file, filename=text.file)
    except TemplateSyntaxError as error:
        raise TemplateFault(error.lineno, _sentence(error)) from None
    except RecursionError:
        raise TemplateFault(None, "it is nested too deeply") from None
    return Template.from_code(environment, code, {})


# ── What is wrong ─────────────────────────────────────────────────────────────────────────────────


def _line_of(source: str, what: str) -> int:
    return source[: source.index(what)].count("\n") + 1


def _line_within(error: Exception, file: str) -> int | None:
    """The line of a template that an error went through last; Jinja2 names it as if it were code."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _sentence(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "this divides by nothing"
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
