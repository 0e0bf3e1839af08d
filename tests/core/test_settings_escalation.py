"""What `[escalation]`, managers and stakeholders may say, and what of it could never work."""

from __future__ import annotations

import pytest

from tests.core.settings_text import GITHUB, JIRA, complaints, read
from tests.core.test_settings_checks import BOTH, program
from tests.core.test_settings_gates import READ_ONLY, said

PEOPLE = """
[people.alice]
github = "alice-gh"
manager = "bob"
[people.bob]
github = "Bob-GH"
manager = "carol"
[people.carol]
[people.erin]
gone = true
[people.frank]
gone = true
delegate = "carol"
"""
PLATFORM = BOTH + program("platform", "github:acme/api", "jira:API", more='stakeholders = ["carol"]')
OTHER = program("other", "github:acme/other")
TEAM = PLATFORM + OTHER + PEOPLE


def step(to: str = '"owner"', at: str = "+1d", more: str = "") -> str:
    return f'[[escalation.steps]]\nat = "{at}"\nto = [{to}]\n{more}\n'


def person(name: str, more: str) -> str:
    return f"[people.{name}]\n{more}\n"


@pytest.mark.parametrize(
    "text",
    [
        step(),
        step('"owner.manager.manager", "stakeholders", "alice", "@alice-gh", "@somebody", "bob.manager"'),
        step('"@alice-gh.manager.manager"'),
        step('"stakeholders.manager", "owner"'),
        step('"frank"'),
        step('"owner.manager.manager.manager", "owner"'),
        step(at="-5wd") + step(at="-7d") + step(at="-5d") + step(at="0d") + step(at="+1wd") + step(),
        step(more='match = "platform/*"') + step(more='match = "other/*"'),
        step(more='match = "github:acme/api#1.*"') + step(more='match = "platform/2.*"'),
        step(more='match = "github:acme/api"') + step(more='match = "github:acme/other"'),
        step(more='match = "web-*/*"') + step(more='match = "api-*/*"'),
        step('"stakeholders"', more='match = "github:acme/api#v1.*"'),
        '[escalation]\nworkdays = true\nholidays = "DE-BE"\nsince = 2026-11-01\n' + step(),
        step() + '[writeback]\nissue = "always"\n',
        '[writeback]\nissue = "never"\n',
    ],
)
def test_what_fits_together(text: str) -> None:
    assert read(TEAM + text).people


# ── Managers and delegates ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("links", "complaint"),
    [
        ('manager = "alise"', '"alise" is nobody in [people]; did you mean "alice"?'),
        ('manager = "bob-gh"', '"bob-gh" is nobody in [people]; did you mean "bob"?'),
        ('manager = "@bob-gh"', '"@bob-gh" is nobody in [people]; did you mean "bob"?'),
        ('manager = "@zzz"', '"@zzz" is nobody in [people]; write the name of a person in [people]'),
        ('delegate = "zzz"', '"zzz" is nobody in [people]; add [people.zzz], or leave it out'),
        ('delegate = ""', '"" is nobody in [people]; add [people.NAME], or leave it out'),
        ('manager = "dora"', '"dora" is their own manager; name somebody else, or leave one of these out'),
        ('delegate = "dora"', '"dora" is their own delegate; name somebody else, or leave one of these out'),
        (
            'gone = true\ndelegate = "dora"',
            '"dora" is their own delegate; name somebody else, or leave one of these out',
        ),
        ('delegate = "erin"', '"erin" is gone, and cannot stand in for anybody; name somebody who is there'),
    ],
)
def test_managers_and_delegates_are_somebody_else_who_is_there(links: str, complaint: str) -> None:
    text = TEAM + person("dora", links)
    key = links.splitlines()[-1].partition(" ")[0]
    assert complaints(text) == [f"{text.count(chr(10))} people.dora.{key}: {complaint}"]


CIRCLES = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "f", "f": "e"}


def test_a_circle_of_managers_is_told_once() -> None:
    text = BOTH + "".join(person(name, f'manager = "{other}"') for name, other in CIRCLES.items())
    else_ = "name somebody else, or leave one of these out"
    assert said(text) == [
        f'people.a.manager: "a" is their own manager, by way of "b" and "c"; {else_}',
        f'people.e.manager: "e" is their own manager, by way of "f"; {else_}',
    ]


def test_people_may_stand_in_for_each_other() -> None:
    text = BOTH + "".join(person(name, f'delegate = "{other}"') for name, other in CIRCLES.items())
    assert read(text).people["e"].delegate == "f"
    assert said(text.replace("[people.f]", "[people.f]\ngone = true")) == [
        'people.e.delegate: "f" is gone, and cannot stand in for anybody; name somebody who is there'
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("owner", "is a role"),
        ("stakeholders", "is a role"),
        ("alice.manager", "is somebody's manager"),
        ("@alice-gh", "is a login"),
        ("team:acme", "means several reviewers"),
        ("jira:approvers", "means several reviewers"),
        (" ", "is no name"),
    ],
)
def test_a_person_whom_nobody_could_mean_is_renamed(name: str, why: str) -> None:
    text = TEAM + f"[people.'{name}']\n"
    key = name if name.isalpha() else f'"{name}"'
    expected = f'people.{key}: "{name}" {why}, and hides a person of that name; rename them'
    assert complaints(text) == [f"{text.count(chr(10))} {expected}"]


def test_somebody_may_stand_in_for_their_manager() -> None:
    people = person("a", 'manager = "b"\ndelegate = "b"') + person("b", 'delegate = "c"') + person("c", 'manager = "a"')
    assert read(BOTH + people).people["a"].delegate == "b"


def test_names_that_differ_in_case_alone_are_told_apart_by_nobody() -> None:
    text = BOTH + person("Dora", "") + person("dora", "")
    assert said(text) == [
        'people.dora: "dora" differs from "Dora" in case alone, and an owner\'s name has none; rename one of them, or '
        "join them"
    ]


# ── Recipients ────────────────────────────────────────────────────────────────────────────────────

ADDRESS = (
    'is an address, and no channel reaches addresses; add one of type "smtp" to [channels], or name somebody '
    "with a login"
)


@pytest.mark.parametrize(
    ("who", "complaint"),
    [
        ("alise", '"alise" is nobody in [people]; did you mean "alice"?'),
        ("alise.manager", '"alise" is nobody in [people]; did you mean "alice"?'),
        ("bob-gh", '"bob-gh" is nobody in [people]; did you mean "bob"?'),
        ("onwer", '"onwer" is nobody in [people]; did you mean "owner"?'),
        ("stakeholder", '"stakeholder" is nobody in [people]; did you mean "stakeholders"?'),
        (
            "zzz",
            '"zzz" is nobody in [people]; add [people.NAME], or write "@LOGIN", "owner", "owner.manager" or '
            '"stakeholders"',
        ),
        ("@ ", '"@ " names nobody; write a login such as "@alice-gh"'),
        ("dana@acme.example", f'"dana@acme.example" {ADDRESS}'),
        ("erin", '"erin" is gone, and nobody stands in; name a delegate, or somebody else'),
    ],
)
def test_who_is_told_is_somebody(who: str, complaint: str) -> None:
    assert said(TEAM + step(f'"owner", "{who}"')) == [f"escalation.steps[0].to[1]: {complaint}"]


@pytest.mark.parametrize("who", ["@", " ", "@.manager"])
def test_a_word_that_names_nobody_is_told_once(who: str) -> None:
    (complaint,) = said(TEAM + step(f'"owner", "{who}"'))
    assert "this names nobody" in complaint


@pytest.mark.parametrize(
    ("who", "complaint"),
    [
        ("alise", '"alise" is nobody in [people]; did you mean "alice"?'),
        ("zzz", '"zzz" is nobody in [people]; add [people.NAME], or write "@LOGIN"'),
        ("release@acme.example", f'"release@acme.example" {ADDRESS}'),
        ("erin", '"erin" is gone, and nobody stands in; name a delegate, or somebody else'),
        *(
            (role, f'"{role}" is a role, and stakeholders are people; write a person of [people], or a login such as ')
            for role in ("owner", "stakeholders", "alice.manager", "stakeholders.manager")
        ),
    ],
)
def test_stakeholders_are_people(who: str, complaint: str) -> None:
    text = BOTH + program("platform", "jira:API", more=f'stakeholders = ["frank", "@x", "{who}"]') + PEOPLE
    (found,) = said(text)
    assert found.startswith(f"programs[0].stakeholders[2]: {complaint}")


# ── Steps that reach nobody ───────────────────────────────────────────────────────────────────────

NOBODY = "this step can never reach anybody: "
ELSE = "; name somebody else, or leave the step out"


@pytest.mark.parametrize(
    ("to", "more", "reasons"),
    [
        ('"owner.manager.manager.manager"', "", 'nobody in [people] is "owner.manager.manager.manager"'),
        ('"carol.manager"', "", 'nobody in [people] is "carol.manager"'),
        ('"@bob-gh.manager.manager"', "", 'nobody in [people] is "@bob-gh.manager.manager"'),
        ('"@else.manager"', "", 'nobody in [people] is "@else.manager"'),
        ('"stakeholders.manager"', "", 'nobody in [people] is "stakeholders.manager"'),
        ('"stakeholders"', 'match = "other/*"', "no program that it is for has stakeholders"),
        ('"stakeholders"', 'match = "github:acme/alone"', "no program that it is for has stakeholders"),
        (
            '"carol.manager", "stakeholders"',
            'match = "github:acme/other"',
            'nobody in [people] is "carol.manager", and no program that it is for has stakeholders',
        ),
    ],
)
def test_a_step_that_can_never_reach_anybody_is_wrong(to: str, more: str, reasons: str) -> None:
    assert said(TEAM + step(to, more=more)) == [f"escalation.steps[0].to: {NOBODY}{reasons}{ELSE}"]


def test_where_nobody_has_a_manager_no_step_is_for_managers() -> None:
    assert said(GITHUB + step('"owner.manager"')) == [
        f'escalation.steps[0].to: {NOBODY}nobody in [people] is "owner.manager"{ELSE}'
    ]


def test_a_mistake_in_a_chain_of_managers_is_told_once() -> None:
    for manager in ("alise", "alice"):
        text = BOTH + person("alice", f'manager = "{manager}"') + step('"owner.manager.manager.manager"')
        assert len(said(text)) == 1


# ── Steps of one day ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("+1d", "*"), ("+1d", "*")),
        (("+1d", "*"), ("+01d", "platform/*")),
        (("-5wd", "platform/1.*"), ("-5wd", "platform/*.0")),
        (("0d", "github:acme/api"), ("+0wd", "platform/*")),
        (("+1d", "github:acme/api"), ("+1d", "jira:API")),
        (("+1d", "github:acme/api#v1.*"), ("+1d", "github:acme/*")),
        (("+1d", "github:acme/alone"), ("+1d", "github:acme/alone#1.0")),
        (("+1d", "plat*/*"), ("+1d", "jira:API")),
    ],
)
def test_of_two_steps_on_one_day_it_is_clear_which_is_sent(one: tuple[str, str], other: tuple[str, str]) -> None:
    text = step().replace("+1d", "-30d")
    text += "".join(step(at=at, more=f'match = "{match}"') for at, match in (one, other))
    assert said(TEAM + text) == [
        f'escalation.steps[2].at: this step ("{other[0]}" for "{other[1]}") comes on the same day as '
        f'escalation.steps[1] ("{one[0]}" for "{one[1]}"), maybe for the same milestone, and only one of them could be '
        "sent; join them, give one another day, or narrow a match"
    ]


def test_each_step_is_told_of_once() -> None:
    assert [each.partition(":")[0] for each in said(TEAM + step() * 3)] == [
        "escalation.steps[1].at",
        "escalation.steps[2].at",
    ]


# ── Steps that are for nothing, or cannot be sent ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("match", "complaint"),
    [
        ("plattform/*", 'no program is named "plattform"; did you mean "platform"?'),
        ("githbu:acme/api", 'no connector is named "githbu"; did you mean "github"?'),
        ("", 'must not be empty; write "*" for everything'),
        ("platform/[", 'a "[" is not closed in "platform/["; close it as in [ab], or leave it out'),
    ],
)
def test_a_match_can_mean_something(match: str, complaint: str) -> None:
    assert said(TEAM + step(more=f'match = "{match}"')) == [f"escalation.steps[0].match: {complaint}"]


def test_without_an_issue_nothing_can_be_sent() -> None:
    assert said(TEAM + step() + '[writeback]\nissue = "never"\n') == [
        'writeback.issue: no step can be sent so: notices are comments on that issue; write "when-needed", or take '
        "[[escalation.steps]] out"
    ]


@pytest.mark.parametrize(
    ("more", "match", "wrong"),
    [
        ("", "platform/*", True),
        ("", "jira:API#1.0", True),
        ("", "jira:ELSE", False),
        ("", "*", False),
        ('home = "jira:API"', "platform/*", False),
    ],
)
def test_where_mdpc_only_reads_no_step_can_be_sent(more: str, match: str, wrong: bool) -> None:
    programs = program("platform", "github:acme/api", "jira:API", more=more)
    text = GITHUB + READ_ONLY + JIRA + programs + step(more=f'match = "{match}"')
    if not wrong:
        assert read(text).escalation.steps
        return
    assert said(text) == [
        'escalation.steps[0].match: no step can be sent there: connectors.github has access = "read", and notices are '
        'comments on an issue; give the program a `home` elsewhere, or the connector access = "write"'
    ]


@pytest.mark.parametrize(
    "text",
    [
        "escalation = 3\n" + BOTH,
        BOTH + "[escalation]\nsteps = 3\n",
        BOTH + "[[escalation.steps]]\n",
        BOTH + "[escalation]\nsteps = [3, {at = 3, to = 3, match = 3}, {at = 'x', to = [3, 'owner']}, {at = 'x'}]\n",
        "people = 3\nwriteback = 3\nprograms = [3, {stakeholders = 3, name = 3}]\n" + BOTH + step('"stakeholders"'),
        BOTH + "[people]\na = 3\nb = {manager = 3, delegate = [], gone = 3}\n" + step('"owner.manager"'),
    ],
)
def test_what_is_of_another_kind_is_a_problem_and_no_more(text: str) -> None:
    assert complaints(text)


def test_recipients_are_kept_as_they_are_written() -> None:
    assert read(TEAM + step('"owner.manager", "@alice-gh"')).escalation.steps[0].to == ("owner.manager", "@alice-gh")
