"""What `[[gates]]` and `[teams]` may say, and what of it could never work."""

from __future__ import annotations

import pytest

from mdpc.report.problems import of_good_settings
from tests.core.settings_text import GITHUB, JIRA, complaints, read
from tests.core.test_settings_checks import BOTH, program

PEOPLE = """
[people.alice]
github = "alice-gh"
[people.bob]
github = "Bob-GH"
[people.erin]
gone = true
[teams]
"acme/leads" = ["alice", "@carol-gh"]
"""
PLATFORM = BOTH + program("platform", "github:acme/api", "jira:API")


def gate(name: str = "release", more: str = "", reviewers: str = '"alice", "bob"') -> str:
    return f'[[gates]]\nname = "{name}"\nreviewers = [{reviewers}]\n{more}\n'


def said(text: str) -> list[str]:
    """The problems, each without its line."""
    return [complaint.partition(" ")[2] for complaint in complaints(text)]


@pytest.mark.parametrize(
    "text",
    [
        gate(),
        gate(reviewers='"@carol-gh", "team:acme/leads", "team:not/listed", "jira:approvers"', more="approvals = 9"),
        gate(more='waivers_by = ["alice", "@dana", "team:acme/leads", "jira:approvers"]'),
        gate(more="approvals = 2"),
        gate(more='match = "platform/*"')
        + gate("other", more='match = "github:acme/api"\nrequires = ["gates:release"]'),
        gate(more='requires = ["no-open-work", "checklist"]\nmatch = "github:else/where#v1.*"'),
        gate(more='on_bypass = "reopen"\nmax_reopens = 1\nby = "close"'),
        gate(more='by = "-21d"\non_bypass = "report"'),
        gate() + '[writeback]\nissue = "always"\n',
        '[writeback]\nissue = "never"\n',
    ],
)
def test_what_fits_together(text: str) -> None:
    assert read(PLATFORM + PEOPLE + text).people


def test_approvers_are_those_of_any_connector_of_type_jira() -> None:
    text = GITHUB + JIRA.replace("connectors.jira", "connectors.tracker") + 'type = "jira"\n'
    assert read(text + gate(reviewers='"jira:approvers"')).gates


@pytest.mark.parametrize(
    ("key", "who", "complaint"),
    [
        ("reviewers", "alise", '"alise" is nobody in [people]; did you mean "alice"?'),
        ("reviewers", "bob-gh", '"bob-gh" is nobody in [people]; did you mean "bob"?'),
        ("reviewers", "jira:aprovers", '"jira:aprovers" is nobody in [people]; did you mean "jira:approvers"?'),
        ("reviewers", "teams:acme/leads", '"teams:acme/leads" is nobody in [people]; did you mean "team:acme/leads"?'),
        (
            "reviewers",
            "zzz",
            '"zzz" is nobody in [people]; add [people.NAME], or write "@LOGIN", "jira:approvers" or "team:NAME"',
        ),
        ("reviewers", "erin", '"erin" is gone, and cannot review; name somebody who is there'),
        ("waivers_by", "erin", '"erin" is gone, and cannot waive anything; name somebody who is there'),
        ("waivers_by", "alise", '"alise" is nobody in [people]; did you mean "alice"?'),
        ("waivers_by", "@ ", '"@ " names nobody; write a login such as "@alice-gh"'),
    ],
)
def test_who_reviews_is_somebody_who_is_there(key: str, who: str, complaint: str) -> None:
    others = (
        f'reviewers = ["alice", "{who}"]' if key == "reviewers" else f'reviewers = ["bob"]\n{key} = ["bob", "{who}"]'
    )
    text = PLATFORM + PEOPLE + f'[[gates]]\nname = "g"\n{others}\n'
    line = text.count("\n")
    assert complaints(text) == [f"{line} gates[0].{key}[1]: {complaint}"]


@pytest.mark.parametrize("who", ["@", "team:", " "])
def test_a_word_that_names_nobody_is_told_once(who: str) -> None:
    (complaint,) = said(PLATFORM + PEOPLE + gate(reviewers=f'"alice", "{who}"'))
    assert "this names nobody" in complaint


def test_without_jira_there_are_no_approvers() -> None:
    assert said(GITHUB + gate(reviewers='"jira:approvers"')) == [
        'gates[0].reviewers[0]: "jira:approvers" are those of Jira versions, and no connector is one; name people'
    ]


@pytest.mark.parametrize(
    ("teams", "complaint"),
    [
        ('"a/b" = ["alice", "alise"]', 'teams."a/b"[1]: "alise" is nobody in [people]; did you mean "alice"?'),
        ('"a/b" = ["zzz"]', 'teams."a/b"[0]: "zzz" is nobody in [people]; add [people.NAME], or write "@LOGIN"'),
        ('"a/b" = ["@"]', 'teams."a/b"[0]: "@" names nobody; write a login such as "@alice-gh"'),
        (
            '"team:a/b" = ["alice"]',
            'teams."team:a/b": a team\'s name stands here without "team:"; write "a/b"',
        ),
    ],
)
def test_a_team_is_people(teams: str, complaint: str) -> None:
    assert said(PLATFORM + PEOPLE + teams + "\n" + gate()) == [complaint]


def test_who_is_gone_may_stand_in_a_team() -> None:
    assert read(PLATFORM + PEOPLE + '"a/b" = ["erin"]\n' + gate()).teams["a/b"] == ("erin",)


@pytest.mark.parametrize(
    ("reviewers", "approvals", "count"),
    [('"alice"', 2, "1 reviewer"), ('"alice", "@ALICE-gh", "bob"', 3, "2 reviewers"), ('"@x", "@x"', 2, "1 reviewer")],
)
def test_more_approvals_than_reviewers_can_never_be(reviewers: str, approvals: int, count: str) -> None:
    assert said(PLATFORM + PEOPLE + gate(reviewers=reviewers, more=f"approvals = {approvals}")) == [
        f"gates[0].approvals: {approvals} approvals are more than can be given by {count}; name more reviewers, or "
        "need fewer"
    ]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("max_reopens = 2", 'gates[0].max_reopens: it has no effect without on_bypass = "reopen"; add that, or leave '),
        (
            'by = "-21d"\non_bypass = "reopen"\nmax_reopens = 2',
            'gates[0].on_bypass: it has no effect with by = "-21d": only closing without a gate at the close is a ',
        ),
        ('match = "plattform/*"', 'gates[0].match: no program is named "plattform"; did you mean "platform"?'),
        ('match = "githbu:acme/api"', 'gates[0].match: no connector is named "githbu"; did you mean "github"?'),
        ('match = ""', 'gates[0].match: must not be empty; write "*" for everything'),
        (
            'requires = ["gates:relase"]',
            'gates[0].requires[0]: no gate is named "relase"; did you mean "release"?',
        ),
        ('requires = ["gates:x"]', 'gates[0].requires[0]: no gate is named "x"; the gates are "release"'),
        (
            'requires = ["gates:release"]',
            'gates[0].requires: "release" requires itself, and can never be passed; leave one of these requirements ',
        ),
    ],
)
def test_what_has_no_effect_or_no_meaning_is_wrong(more: str, complaint: str) -> None:
    (found,) = said(PLATFORM + PEOPLE + gate(more=more))
    assert found.startswith(complaint)


def test_gates_that_wait_for_each_other_are_told_once() -> None:
    text = "".join(gate(name, f'requires = ["gates:{after}"]') for name, after in ("ab", "bc", "ca", "da", "ef", "fe"))
    assert said(PLATFORM + PEOPLE + text) == [
        'gates[0].requires: "a" requires itself, by way of "b" and "c", and can never be passed; leave one of these '
        "requirements out",
        'gates[4].requires: "e" requires itself, by way of "f", and can never be passed; leave one of these '
        "requirements out",
    ]


@pytest.mark.parametrize(
    ("own", "other", "apart", "loose"),
    [
        ("*", "*", False, False),
        ("platform/*", "platform/*", False, False),
        ("platform/*", "PLATFORM/*", False, False),
        ("platform/*", "*", False, False),
        ("platform/1.0", "platform/*", False, False),
        ("platform/1*", "platform/*", False, False),
        ("github:acme/api", "platform/*", False, False),
        ("github:acme/api#1*", "platform/*", False, False),
        ("github:acme/api#v1", "github:acme/api", False, False),
        ("github:acme/api", "github:acme/*", False, False),
        ("*", "platform/*", False, True),
        ("platform/*", "platform/1*", False, True),
        ("platform/*", "github:acme/api", False, True),
        ("github:acme/api", "jira:API", False, True),
        ("github:acme/api", "github:acme/api#1*", False, True),
        ("github:acme/*", "platform/*", False, True),
        ("github:acme/alone", "platform/*", True, True),
        ("platform/1*", "platform/2*", True, True),
        ("platform/*", "other/*", True, True),
    ],
)
def test_a_required_gate_is_for_the_same_milestones(own: str, other: str, apart: bool, loose: bool) -> None:
    programs = PLATFORM + program("other", "jira:OTHER")
    text = programs + PEOPLE + gate("a", f'match = "{own}"\nrequires = ["gates:b"]') + gate("b", f'match = "{other}"')
    if apart:
        assert said(text) == [
            'gates[0].requires[0]: "b" is for other milestones than this gate, so that it is never asked for; '
            "give both the same match, or leave it out"
        ]
        return
    listing = of_good_settings(read(text))
    assert (not listing.failed, " 1 warning. " in listing.headline) == (True, loose)
    assert [(each.level, each.where, each.what) for each in listing.problems] == [
        (
            "warn",
            "gates[0].requires[0]",
            f'"b" is for "{other}" and this gate for "{own}": a milestone that only this one is for passes it without '
            "the other",
        )
    ] * loose


def test_a_name_means_one_gate() -> None:
    assert said(PLATFORM + PEOPLE + gate() + gate()) == [
        'gates[1].name: another gate is named "release" already; give each a name of its own, by '
        "which comments approve it"
    ]


def test_without_an_issue_nobody_can_approve() -> None:
    assert said(PLATFORM + PEOPLE + gate() + '[writeback]\nissue = "never"\n') == [
        "writeback.issue: no gate can be passed so: approvals are comments on that issue; write "
        '"when-needed", or take [[gates]] out'
    ]


READ_ONLY = 'access = "read"\n'


@pytest.mark.parametrize(
    ("more", "match", "wrong"),
    [
        ("", "", False),
        ("", 'match = "platform/*"', True),
        ("", 'match = "Platform/1.0"', True),
        ("", 'match = "other/*"', False),
        ("", 'match = "p*/*"', False),
        ("", 'match = "github:acme/api"', True),
        ("", 'match = "jira:API#1.0"', True),
        ("", 'match = "jira:ELSE"', False),
        ("", 'match = "jira:*"', False),
        ("", 'match = "github:acme/alone"', True),
        ('home = "jira:API"', 'match = "platform/*"', False),
        ('home = "jira:API"', 'match = "github:acme/api"', False),
        ('home = "jira:API"', 'match = "github:acme/*"', False),
    ],
)
def test_where_mdpc_only_reads_no_gate_can_be_kept(more: str, match: str, wrong: bool) -> None:
    programs = program("platform", "github:acme/api", "jira:API", more=more) + program("other", "jira:OTHER")
    text = GITHUB + READ_ONLY + JIRA + programs + PEOPLE + gate(more=match)
    if not wrong:
        assert read(text).gates
        return
    assert said(text) == [
        'gates[0].match: no gate can be passed there: connectors.github has access = "read", and approvals are '
        'comments on an issue; give the program a `home` elsewhere, or the connector access = "write"'
    ]


def test_where_mdpc_reads_everything_no_gate_can_be_kept_at_all() -> None:
    (found,) = said(GITHUB + READ_ONLY + JIRA + READ_ONLY + PEOPLE + gate())
    assert found.startswith('gates[0]: no gate can be passed there: connectors.github has access = "read"')


@pytest.mark.parametrize(
    "text",
    [
        "gates = 3\n" + BOTH,
        BOTH + "[gates]\nname = 3\n",
        BOTH + "[[gates]]\n",
        BOTH + gate(reviewers="3, []", more='requires = 3\nmatch = 3\nby = 3\napprovals = true\non_bypass = "x"'),
        BOTH + PEOPLE + "a = 3\nb = [3]\n" + gate(),
        "people = 3\nteams = 3\nwriteback = 3\n" + BOTH + gate(),
        "programs = [3, {}, {home = 3, members = 3}]\n" + BOTH + gate(more='match = "x/*"'),
    ],
)
def test_what_is_of_another_kind_is_a_problem_and_no_more(text: str) -> None:
    assert complaints(text)


def test_a_managers_name_is_nobodys_login() -> None:
    managed = PEOPLE.replace("[people.bob]\n", '[people.bob]\nmanager = "carol"\n[people.carol]\n')
    assert said(PLATFORM + managed + gate(reviewers='"@carol", "bob"', more="approvals = 3")) == [
        "gates[0].approvals: 3 approvals are more than can be given by 2 reviewers; name more reviewers, or need fewer"
    ]
    assert read(PLATFORM + managed + gate(reviewers='"@carol", "bob"', more="approvals = 2")).gates
