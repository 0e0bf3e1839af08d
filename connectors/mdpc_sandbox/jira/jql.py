"""The small part of JQL that mdpc sends, parsed strictly: the rest is refused as Jira refuses what it cannot read.

query  = [ any ] [ ORDER BY name [ASC|DESC] {, ...} ]
any    = all { OR all }          all = term { AND term }          term = ( any ) | clause
clause = field (= | !=) value | field [NOT] IN (value {, value}) | field (= | != | in | not in) function
       | date-field (>= | > | <= | <) day-or-period
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import ge, gt, le, lt
from typing import NoReturn

from mdpc_sandbox.jira.call import Refused
from mdpc_sandbox.jira.jql_fields import JQL_DATES, JQL_FIELDS, JQL_SORTS, Ids
from mdpc_sandbox.jira.jql_tokens import RESERVED, Token, tokens
from mdpc_sandbox.jira.model import Issue, Project, User
from mdpc_sandbox.jira.state import JiraState

Test = Callable[[Issue], bool]

_PERIOD = re.compile(r"([+-]?)(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SIGNS: dict[str, Callable[[datetime, datetime], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt}
MAX_SORTS = 7


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `bounded` is false where nothing restricts it but an order."""

    condition: Condition | None
    order: Sequence[tuple[str, bool]]

    @property
    def bounded(self) -> bool:
        """Whether it has a search restriction."""
        return self.condition is not None

    def run(self, projects: Collection[Project]) -> list[Issue]:
        """The issues of these projects that match, in order; without an order the newest first."""
        if self.condition and self.condition.projects is not None:
            projects = [project for project in projects if project.id in self.condition.projects]
        test = self.condition.test if self.condition else lambda _: True
        found = [issue for project in projects for issue in project.issues if test(issue)]
        for name, descending in reversed(self.order or [("id", True)]):
            found.sort(key=JQL_SORTS[name], reverse=descending)
        return found


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of issues; `projects` are the ids of the only projects where it can hold, None for anywhere."""

    test: Test
    projects: Ids | None = None


def parse(state: JiraState, projects: Collection[Project], text: str, user: User | None = None) -> Query:
    """Parse a query over the projects that its sender may browse; `user` is who that is.

    Raises Refused (400) for what it cannot read, and for a field, project, version, type or key that is not there.
    """
    return _Parser(state, projects, text, user).query()


class _Parser:
    def __init__(self, state: JiraState, projects: Collection[Project], text: str, user: User | None) -> None:
        self._state = state
        self._projects = projects
        self._user = user
        self._tokens = tokens(text)
        self._next = 0

    def query(self) -> Query:
        condition = None if self._see("order") or self._see("") else self._any()
        order = self._order() if self._take("order") else []
        if not self._see(""):
            self._fail("either 'OR' or 'AND'")
        return Query(condition, order)

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        tests = [part.test for part in parts]
        bounds = [part.projects for part in parts if part.projects is not None]
        bound = frozenset().union(*bounds) if len(bounds) == len(parts) else None
        return Condition(lambda issue: any(test(issue) for test in tests), bound)

    def _all(self) -> Condition:
        parts = [self._term()]
        while self._take("and"):
            parts.append(self._term())
        if len(parts) == 1:
            return parts[0]
        tests = [part.test for part in parts]
        bounds = [part.projects for part in parts if part.projects is not None]
        bound = frozenset.intersection(*bounds) if bounds else None
        return Condition(lambda issue: all(test(issue) for test in tests), bound)

    def _term(self) -> Condition:
        if not self._take("("):
            return self._clause()
        inner = self._any()
        self._expect(")")
        return inner

    def _clause(self) -> Condition:
        name = self._value("a field name").casefold()
        if name in JQL_DATES:
            return self._date_clause(name)
        if name not in JQL_FIELDS:
            raise Refused(400, f"Field '{name}' does not exist or you do not have permission to view it.")
        negated = self._take("not")
        if self._take("in"):
            wanted = self._list(name)
        elif not negated and (self._see("=") or self._see("!=")):
            negated = self._advance().text == "!="
            wanted = self._ids(name)
        else:
            self._fail("an operator: '=', '!=', 'in' or 'not in'")
        ids = JQL_FIELDS[name].ids
        if negated:
            return Condition(lambda issue: bool(have := ids(issue)) and have.isdisjoint(wanted))
        bound = wanted if name == "project" else None
        return Condition(lambda issue: not ids(issue).isdisjoint(wanted), bound)

    def _list(self, name: str) -> Ids:
        if not self._take("("):
            return self._ids(name)
        wanted = self._ids(name)
        while self._take(","):
            wanted |= self._ids(name)
        self._expect(")")
        return wanted

    def _ids(self, name: str) -> Ids:
        """The ids that one value, or one function, stands for."""
        number = self._peek().word.isdecimal()
        value = self._value("a value")
        if self._take("("):
            return self._function(name, value)
        found = JQL_FIELDS[name].resolve(self._state, self._projects, value, number)
        if not found:
            raise Refused(400, f"The value '{value}' does not exist for the field '{name}'.")
        return found

    def _function(self, name: str, function: str) -> Ids:
        if name == "creator" and function.lower() == "currentuser":
            self._expect(")")
            return frozenset([self._user.id] if self._user else [])
        released = {"unreleasedversions": False, "releasedversions": True}.get(function.lower())
        if released is None or name != "fixversion":
            raise Refused(400, f"Unable to find JQL function '{function}()' for the field '{name}'.")
        projects = self._projects
        if not self._take(")"):
            keys = self._list_of_projects()
            projects = [project for project in projects if project.id in keys]
        versions = [version for project in projects for version in project.versions]
        return frozenset(v.id for v in versions if v.released is released and not v.archived)

    def _list_of_projects(self) -> Ids:
        keys = self._ids("project")
        while self._take(","):
            keys |= self._ids("project")
        self._expect(")")
        return keys

    def _date_clause(self, name: str) -> Condition:
        read = JQL_DATES[name]
        holds = _SIGNS.get(self._peek().word)
        if holds is None:
            self._fail("an operator: '>=', '>', '<=' or '<'")
        self._next += 1
        value = self._value("a date")
        limit = _moment(value, self._state.clock())
        if limit is None:
            raise Refused(
                400,
                f"Date value '{value}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
                "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.",
            )

        return Condition(lambda issue: (moment := read(issue)) is not None and holds(moment, limit))

    def _order(self) -> list[tuple[str, bool]]:
        self._expect("by")
        order = [self._sort()]
        while self._take(","):
            order.append(self._sort())
        if len(order) > MAX_SORTS:
            raise Refused(400, f"The ORDER BY clause can contain a maximum of {MAX_SORTS} fields.")
        return order

    def _sort(self) -> tuple[str, bool]:
        name = self._value("a field to order by").casefold()
        name = "key" if name == "issuekey" else name
        if name not in JQL_SORTS:
            raise Refused(400, f"Field '{name}' does not exist or you do not have permission to view it.")
        return name, self._take("desc") or (self._take("asc") and False)

    def _value(self, what: str) -> str:
        token = self._peek()
        if token.kind not in ("word", "string") or token.word in RESERVED:
            self._fail(what)
        return self._advance().text

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _see(self, word: str) -> bool:
        token = self._peek()
        return token.kind != "string" and token.word == word

    def _take(self, word: str) -> bool:
        seen = self._see(word)
        self._next += seen
        return seen

    def _expect(self, word: str) -> None:
        if not self._take(word):
            self._fail(f"'{word}'")

    def _fail(self, expected: str) -> NoReturn:
        token = self._peek()
        got = f"got '{token.text}'" if token.text else "the query ended"
        raise Refused(
            400, f"Error in the JQL Query: Expecting {expected} but {got}. (line 1, character {token.at + 1})"
        )


def _moment(value: str, now: datetime) -> datetime | None:
    if period := _PERIOD.fullmatch(value):
        length = timedelta(**{_UNITS[period[3]]: int(period[2])})
        return now - length if period[1] == "-" else now + length
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
