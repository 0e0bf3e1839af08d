from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from mdpc.model import Level
from mdpc.settings import Member, Person, Settings
from mdpc.settings.file import MINIMAL, SettingsError, SettingsProblem, from_tables, load
from tests.core.settings_text import GITHUB, JIRA, complaints, problems, read

MANY_MISTAKES = """\
timezone = "Europe/Berln"
history = 90
adopt = 3
enforce_after = 20270201
[connectors.github]
acces = "read"
access = "writ"
optional = "acme/x"
pace = -1
[connectors.jira]
timezone = "UTC"
[[programs]]
name = "a"
members = ["github:acme/api", { ref = "jira:API", titel = "x" }]
public = 3
[people.alice]
manger = "c"
github = 12
[people]
bob = "bob-gh"
[limits]
adopt = true
[rules]
overdue = "eror"
title-format = { level = "warn", pattern = "[" }
stale = { days = 0 }
owner-required = 1
[[overrides]]
match = "*"
rules = { stale = { dayss = 4 }, title-format = "warn", due-date-required = "off" }
[[waivers]]
match = "*"
rules = []
until = "soon"
"""


def test_every_problem_is_named_at_once_with_its_line_and_what_to_write() -> None:
    found = complaints(MANY_MISTAKES, {"MDPC_LIMITS__ADOPT": ""})
    zone, history, adopt, enforce, *rest = found
    assert zone == '1 timezone: "Europe/Berln" is not a time zone; write an IANA name such as "Europe/Berlin"'
    assert history.startswith("2 history: must be text; put it in quotes (closed milestones are read this far back")
    assert adopt.startswith('3 adopt: there is no such key; the keys here are "timezone", "history"')
    assert enforce == "4 enforce_after: 20270201 is not a date; write a day such as 2027-02-01, without quotes"
    assert [line.partition(": ")[0] for line in rest] == [
        "6 connectors.github.acces",
        "7 connectors.github.access",
        "8 connectors.github.optional",
        "9 connectors.github.pace",
        "10 connectors.jira.url",
        "11 connectors.jira.timezone",
        "14 programs[0].members[1].titel",
        "15 programs[0].public",
        "17 people.alice.manger",
        "18 people.alice.github",
        "20 people.bob",
        "22 limits.adopt",
        "24 rules.overdue",
        "25 rules.title-format.pattern",
        "26 rules.stale.days",
        "27 rules.owner-required",
        "30 overrides[0].rules.stale.dayss",
        "30 overrides[0].rules.title-format.pattern",
        "31 waivers[0].reason",
        "33 waivers[0].rules",
        "34 waivers[0].until",
    ]
    text = "\n".join(found)
    assert 'acces: there is no such key; did you mean "access"?' in text
    assert 'access: "writ" is not possible here; did you mean "write"?' in text
    assert 'optional: must be a list; write it in brackets: ["...", "..."]' in text
    assert "pace: must be at least 0" in text
    assert "url: this is missing; write url = ... (the site's address" in text
    assert "jira.timezone: this key belongs to no table; write it above the first [table]" in text
    assert 'titel: there is no such key; did you mean "title"?' in text
    assert "public: must be true or false; write true or false, without quotes" in text
    assert 'overdue: "eror" is not possible here; did you mean "error"?' in text
    assert 'owner-required: must be a level or a table; write "off", "warn", "error", or a table' in text
    assert "waivers[0].rules: must not be empty" in text
    assert "until: must be a date; write a day such as 2027-02-01, without quotes" in text


FLAGS = """[connectors.github]
[[gates]]
name = "a"
reviewers = ["bob"]
owner_may_approve = {0}
[[programs]]
name = "p"
members = ["github:acme/api"]
public = {0}
[people.bob]
github = "bob-gh"
gone = {0}
[writeback]
status = {0}
[escalation]
workdays = {0}
[rules.due-order]
level = "warn"
versions = {0}
"""
FLAG_LINES = [
    "5 gates[0].owner_may_approve",
    "9 programs[0].public",
    "12 people.bob.gone",
    "14 writeback.status",
    "16 escalation.workdays",
    "19 rules.due-order.versions",
]


@pytest.mark.parametrize("value", ['"yes"', '"true"', '"off"', "1", "0", "1.0"])
def test_only_true_and_false_are_true_and_false(value: str) -> None:
    wrong = [line for line in complaints(FLAGS.replace("{0}", value)) if "must be true or false" in line]
    assert [line.partition(": ")[0] for line in wrong] == FLAG_LINES
    assert wrong[0].endswith("; write true or false, without quotes (true: the owner's own approval counts)")


def test_no_sentence_is_in_the_words_of_the_library() -> None:
    text = "\n".join(complaints(MANY_MISTAKES)).lower()
    for word in ("input", "pydantic", "extra ", "validat", "instance", "field required", "value error"):
        assert word not in text


def test_a_whole_configuration_becomes_values() -> None:
    settings = read(
        GITHUB
        + """repositories = ["acme/*"]
[[programs]]
name = "platform"
members = ["github:acme/api", { ref = "github:acme/web", title = '^web (?P<key>.+)' }]
[people.alice]
github = "alice-gh"
jira = "5b10a284"
gone = true
[rules]
overdue = "off"
stale = { days = 3 }
[[waivers]]
match = "platform/*"
rules = ["overdue"]
until = 2027-03-31
reason = "a reason"
"""
    )
    assert settings.connectors["github"].type == "github"
    assert settings.programs[0].members == (
        Member(ref="github:acme/api"),
        Member(ref="github:acme/web", title="^web (?P<key>.+)"),
    )
    assert settings.people == {"alice": Person(logins={"github": "alice-gh", "jira": "5b10a284"}, gone=True)}
    assert settings.rules == {"overdue": Level.OFF, "stale": {"days": 3}}
    assert settings.waivers[0].until == date(2027, 3, 31)
    assert (settings.timezone, settings.history, settings.limits.adopt) == ("UTC", "90d", 25)


def test_tables_without_a_file_are_read_alike() -> None:
    settings = from_tables({"connectors": {"github": {"repositories": ["acme/api"], "access": "read"}}}, {})
    assert settings.connectors["github"].access == "read"
    with pytest.raises(SettingsError) as caught:
        from_tables({"connectors": {"github": {"repositories": ["*"]}}, "histroy": "all"}, {})
    places = [(problem.file, problem.line, problem.key) for problem in caught.value.problems]
    assert places == [("command line", None, "connectors.github.repositories[0]"), ("command line", None, "histroy")]


def test_a_missing_file_says_how_to_write_one() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Path("no-such-folder/mdpc.toml"), {})
    assert str(caught.value) == (
        "no-such-folder/mdpc.toml: there is no such file; write one (three lines are enough: [connectors.github] / "
        'repositories = ["acme/*"] / access = "read"), or name another with --config'
    )


def test_a_folder_and_another_encoding_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, {})
    path = tmp_path / "mdpc.toml"
    path.write_bytes(b'timezone = "\xff"')
    with pytest.raises(SettingsError, match="not text in UTF-8; save it in that encoding"):
        load(path, {})
    path.write_text(MINIMAL, encoding="utf-8-sig")
    assert list(load(path, {}).connectors) == ["github"]


@pytest.mark.parametrize("text", ["", "[connectors]\n", 'timezone = "UTC"'])
def test_without_a_tracker_the_three_lines_are_shown(text: str) -> None:
    assert complaints(text) == [
        "- : no tracker is configured; three lines are enough for a start: "
        '[connectors.github] / repositories = ["acme/*"] / access = "read"'
    ]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("\nhistory = all\n", 2, 'put text in quotes: key = "value"'),
        ("history: 3", 1, 'write key = "value", with =, not :'),
        ('x = "^v\\d"', 1, "write text with backslashes in single quotes"),
        ("[a]\n[b]\n[a]\n", 3, "once only"),
        ("a = 1\na = 2", 2, "once only"),
        ('x = "', 1, "a quote or bracket that is not closed"),
        ("a = 1\nx = [1,", 2, "a quote or bracket that is not closed"),
    ],
)
def test_a_mistake_in_the_syntax_has_its_line_and_the_usual_reason(text: str, line: int, hint: str) -> None:
    (problem,) = problems(text)
    assert problem.line == line
    assert problem.what.startswith("this is not TOML: ")
    assert "line" not in problem.what
    assert hint in problem.next_step


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("connectors = 3", "1 connectors: must be a table; write [connectors]"),
        ("[connectors]\ngithub = 3", "2 connectors.github: must be a table; write [connectors.github] and its keys"),
        (GITHUB + "[programs]\nname = 'x'", "2 programs: must be a list of tables; write [[programs]], with two"),
        (GITHUB + "[overrides]\nmatch = 'x'", "2 overrides: must be a list of tables; write [[overrides]], with two"),
        ("rules = []\n" + GITHUB, "1 rules: must be a table; write [rules]"),
        ('programs = ["x"]\n' + GITHUB, "1 programs[0]: must be a table; write { key = value }"),
        ("limits = 3\n" + GITHUB, "1 limits: must be a table; write { key = value }"),
    ],
)
def test_tables_of_the_wrong_shape(text: str, complaint: str) -> None:
    assert [line for line in complaints(text) if line.startswith(complaint)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "[connectors.gihtub]\n",
            '1 connectors.gihtub: no connector of type "gihtub" is installed; did you mean "github"?',
        ),
        (
            '[connectors.ours]\ntype = "trello"\n',
            '2 connectors.ours.type: no connector of type "trello" is installed; the types are "github" or "jira": '
            "name the table so, or write type = ...",
        ),
        (
            '[connectors."a:b"]\ntype = "github"\n',
            '1 connectors."a:b": a connector\'s name stands in addresses; write letters, digits and "-" alone',
        ),
    ],
)
def test_connectors_that_cannot_be(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


@pytest.mark.parametrize("history", ["90", "d", "-3d", "all of it", "1w", ""])
def test_a_bad_span_is_answered_with_a_good_one(history: str) -> None:
    (complaint,) = complaints(f'history = "{history}"\n{GITHUB}')
    assert complaint == (
        f'1 history: "{history}" is not a span of days; write a number of days such as "90d", or "all"'
    )


@pytest.mark.parametrize("day", ["86400", "1.5", "true", "12:00:00", '"soon"', "2027-02-01T10:00:00Z"])
def test_only_a_day_is_a_day(day: str) -> None:
    (complaint,) = complaints(f"enforce_after = {day}\n{GITHUB}")
    assert complaint.startswith("1 enforce_after: ")
    assert "a day such as 2027-02-01" in complaint


def test_an_override_completes_the_rule_and_is_judged_with_it() -> None:
    rules = "[rules]\ntitle-format = { pattern = '^v' }\n"
    override = '[[overrides]]\nmatch = "*"\nrules = { title-format = "error" }\n'
    assert read(GITHUB + rules + override).overrides[0].rules == {"title-format": Level.ERROR}
    assert "rules.title-format.pattern: this is missing" in complaints(GITHUB + override)[0]
    off = override.replace("error", "off")
    assert read(GITHUB + off).overrides[0].rules == {"title-format": Level.OFF}


def test_a_problem_spells_itself_out() -> None:
    problem = SettingsProblem("mdpc.toml", 12, "history", "wrong", "write another")
    assert str(problem) == "mdpc.toml:12: history: wrong; write another"
    assert str(SettingsProblem("mdpc.toml", None, "", "wrong")) == "mdpc.toml: wrong"


def test_keys_that_need_quotes_are_shown_in_quotes() -> None:
    (problem,) = problems(f'{GITHUB}[owners.map]\n"github:acme/*" = "nobody"\n')
    assert (problem.line, problem.key) == (3, 'owners.map."github:acme/*"')


def test_both_trackers_together() -> None:
    assert sorted(read(GITHUB + JIRA).connectors) == ["github", "jira"]


KEYS = st.sampled_from(
    [*Settings.model_fields, "github", "jira", "name", "members", "ref", "match", "rules", "map", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@effort(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, st.text(max_size=4), max_size=2))
def test_whatever_the_tables_hold_the_answer_is_a_sentence(tables: dict[str, Any], values: dict[str, str]) -> None:
    environ = {f"MDPC_{name.upper()}": value for name, value in values.items()}
    said = ["it can be used"]
    try:
        from_tables(tables, environ)
    except SettingsError as error:
        said = [problem.what for problem in error.problems]
    assert said
    assert all(said)
