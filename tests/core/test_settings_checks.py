from __future__ import annotations

import pytest

from tests.core.settings_text import GITHUB, JIRA, complaints, read

BOTH = GITHUB + JIRA
FIRST = BOTH.count("\n") + 1


def program(name: str, *members: str, more: str = "") -> str:
    listed = ", ".join(member if member.startswith("{") else f'"{member}"' for member in members)
    return f'[[programs]]\nname = "{name}"\nmembers = [{listed}]\n{more}\n'


@pytest.mark.parametrize(
    ("member", "complaint"),
    [
        ("acme/api", '"acme/api" is not a container\'s address; write CONNECTOR:CONTAINER, such as "github:acme/api"'),
        ("github:", '"github:" is not a container\'s address; write CONNECTOR:CONTAINER, such as "github:github"'),
        ("", '"" is not a container\'s address; write CONNECTOR:CONTAINER, such as "github:acme/api"'),
        ("gihtub:acme/api", 'no connector is named "gihtub"; did you mean "github"?'),
        ("x:acme/api", 'no connector is named "x"; add [connectors.x], or write "github" or "jira"'),
        ("github:acme/[ab", 'a "[" is not closed in "acme/[ab"; close it as in [ab], or leave it out'),
        (
            "github:acme/api#3",
            '"github:acme/api#3" is the address of one milestone; name its container, "github:acme/api"',
        ),
    ],
)
def test_a_member_is_a_container_of_a_configured_connector(member: str, complaint: str) -> None:
    assert f"{FIRST + 2} programs[0].members[1]: {complaint}" in complaints(BOTH + program("a", "jira:A", member))
    table = f'{{ ref = "{member}", title = "x" }}'
    assert f"{FIRST + 2} programs[0].members[1]: {complaint}" in complaints(BOTH + program("a", "jira:A", table))


@pytest.mark.parametrize(
    ("member", "complaint"),
    [
        ("github:acme/*/x", "'acme/*/x' names no repository; write OWNER/NAME, OWNER/* for all of one owner"),
        ("github:topic:x", "'topic:x' names no repository; write OWNER/NAME, OWNER/* for all of one owner"),
        ("github:acme", "'acme' names no repository; write OWNER/NAME, OWNER/* for all of one owner"),
        ("jira:O P", '\'O P\' is not a project key or a glob of keys; write such as "WEB" or "WEB*"'),
    ],
)
def test_a_member_is_called_as_its_tracker_calls_containers(member: str, complaint: str) -> None:
    assert complaints(BOTH + program("a", "jira:A", member)) == [f"{FIRST + 2} programs[0].members[1]: {complaint}"]
    home = program("a", "jira:A", more=f'home = "{member}"')
    assert complaints(BOTH + home) == [f"{FIRST + 3} programs[0].home: {complaint}"]


def test_every_wrong_glob_is_found_at_once() -> None:
    text = (
        '[connectors.github]\nrepositories = ["acme/[", "!acme/[x", "acme/ok"]\noptional = ["acme/["]\n'
        '[connectors.jira]\nurl = "https://acme.atlassian.net"\nprojects = [\n"O P",\n"[x",\n"OK",\n""]\n'
    )
    keys = '; write such as "WEB" or "WEB*"'
    closed = "; close it as in [ab], or leave it out"
    assert complaints(text) == [
        f'2 connectors.github.repositories[0]: a "[" is not closed in "acme/["{closed}',
        f'2 connectors.github.repositories[1]: a "[" is not closed in "acme/[x"{closed}',
        f'3 connectors.github.optional[0]: a "[" is not closed in "acme/["{closed}',
        f"7 connectors.jira.projects[0]: 'O P' is not a project key or a glob of keys{keys}",
        f'8 connectors.jira.projects[1]: a "[" is not closed in "[x"{closed}',
        f"10 connectors.jira.projects[3]: '' is not a project key or a glob of keys{keys}",
    ]


def test_a_title_pattern_has_no_group_but_key() -> None:
    member = "{ ref = \"jira:A\", title = '^web (?P<kei>.+)' }"
    assert complaints(BOTH + program("a", member)) == [
        f'{FIRST + 2} programs[0].members[0].title: the group "kei" has no meaning; '
        'call it "key": (?P<key>...) is what joins'
    ]
    good = "{ ref = \"jira:A\", title = '^(?P<team>web|api) (?P<key>.+)' }"
    assert read(BOTH + program("a", good)).programs[0].members[0].title


@pytest.mark.parametrize(
    ("home", "complaint"),
    [
        ("github:acme/apo", '"github:acme/apo" is no member of this program; did you mean "github:acme/api"?'),
        ("jira:WEB", '"jira:WEB" is no member of this program; name a member, or add this one'),
        ("github:acme/web-*", '"github:acme/web-*" may be several containers, and home is one; name one of them'),
        ("gitlab:acme/api", 'no connector is named "gitlab"; did you mean "github"?'),
    ],
)
def test_a_home_is_one_of_the_members(home: str, complaint: str) -> None:
    text = BOTH + program("a", "github:acme/api", "github:acme/web-*", more=f'home = "{home}"')
    assert complaints(text) == [f"{FIRST + 3} programs[0].home: {complaint}"]


def test_a_home_may_be_named_by_a_glob_among_the_members() -> None:
    text = BOTH + program("a", "github:acme/*", more='home = "github:Acme/API"')
    assert read(text).programs[0].home == "github:Acme/API"


@pytest.mark.parametrize("name", ["a/b", "a:b", "a#b", " a"])
def test_a_program_has_a_name_that_addresses_can_hold(name: str) -> None:
    (complaint,) = complaints(BOTH + program(name, "jira:A"))
    assert complaint.startswith(f'{FIRST + 1} programs[0].name: "{name}" holds "/", ":", "#" or outer spaces')


def test_two_programs_of_one_name_are_a_problem() -> None:
    (complaint,) = complaints(BOTH + program("Suite", "jira:A") + program("suite", "jira:B"))
    assert 'programs[1].name: another program is named "suite" already' in complaint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("github:acme/api", "github:Acme/API"),
        ("github:acme/api", "github:acme/*"),
        ("github:acme/*", "github:acme/api"),
        ("github:acme/web-*", "github:acme/web-*"),
        ('{ ref = "jira:A", title = "^x" }', "jira:A"),
        ('{ ref = "jira:A", title = "^x" }', '{ ref = "jira:A", title = "^x" }'),
    ],
)
def test_no_container_is_in_two_programs(first: str, second: str) -> None:
    (complaint,) = complaints(BOTH + program("one", first) + program("two", second))
    assert complaint.startswith(f"{FIRST + 6} programs[1].members[0]: ")
    assert 'in the program "two"' in complaint
    assert 'in "one"; leave it out of one, or give both members a `title` that tells' in complaint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("github:acme/api", "github:acme/web"),
        ("github:acme/api-*", "github:acme/*-api"),
        ("github:acme/api", "jira:api"),
        ('{ ref = "jira:A", title = "^x" }', '{ ref = "jira:A", title = "^y" }'),
    ],
)
def test_what_title_patterns_or_names_keep_apart_is_no_problem(first: str, second: str) -> None:
    assert len(read(BOTH + program("one", first) + program("two", second)).programs) == 2


def test_a_title_after_the_whole_container_changes_nothing_and_before_it_does() -> None:
    pattern = '{ ref = "jira:A", title = "^x" }'
    (complaint,) = complaints(BOTH + program("one", "jira:A", pattern))
    assert 'programs[0].members[1]: "jira:A" is a member as a whole before it' in complaint
    assert len(read(BOTH + program("one", pattern, "jira:A")).programs[0].members) == 2


def test_a_member_stands_once_in_its_program() -> None:
    (complaint,) = complaints(BOTH + program("one", "jira:A", "jira:B", "jira:a"))
    assert 'programs[0].members[2]: "jira:a" is a member twice; leave one of them out' in complaint
    both = program("one", '{ ref = "jira:A", title = "^x" }', '{ ref = "jira:A", title = "^y" }')
    assert len(read(BOTH + both).programs[0].members) == 2


def test_one_login_is_one_person() -> None:
    people = '[people.alice]\ngithub = "alice"\njira = "a1"\n[people.bob]\ngithub = "Alice"\njira = "b1"\n'
    assert complaints(BOTH + people) == [
        f'{FIRST + 4} people.bob.github: "Alice" is the login of "alice" already; '
        "one login is one person: correct or join them"
    ]
    by_type = '[connectors.hub]\ntype = "github"\n[people.alice]\ngithub = "x"\n[people.bob]\nhub = "x"\n'
    assert 'people.bob.hub: "x" is the login of "alice" already' in complaints(by_type)[0]
    two_hubs = GITHUB + '[connectors.hub]\ntype = "github"\n[people.alice]\ngithub = "x"\n[people.bob]\nhub = "x"\n'
    assert sorted(read(two_hubs).people) == ["alice", "bob"]


@pytest.mark.parametrize(
    ("login", "complaint"),
    [
        ('github = "@alice"', 'people.alice.github: a login stands here without @; write "alice"'),
        ('github = ""', 'people.alice.github: must be a login; put it in quotes, such as "alice-gh"'),
        ('gitlab = "x"', 'people.alice.gitlab: there is no such key; did you mean "github"?'),
        ('logins = { github = "x" }', 'people.alice.logins: there is no such key; the keys here are "github", "jira"'),
    ],
)
def test_a_person_has_logins_of_connectors(login: str, complaint: str) -> None:
    (found,) = complaints(f"{BOTH}[people.alice]\n{login}\n")
    assert found.startswith(f"{FIRST + 1} {complaint}")


def test_the_owners_map_names_people_who_are_there() -> None:
    text = (
        BOTH
        + '[people.alice]\n[people.erin]\ngone = true\n[owners]\nsources = ["map", "driver", "map"]\n[owners.map]\n'
        + '"github:acme/a" = "alice"\n"github:acme/b" = "alcie"\n"github:acme/c" = "@any"\n"github:acme/d" = "erin"\n'
        + '"github:acme/e" = "@"\n"acme/f" = "alice"\n"*" = "zz"\n'
    )
    assert complaints(text) == [
        '8 owners.sources[2]: "map" stands here twice; leave one of them out',
        '11 owners.map."github:acme/b": "alcie" is nobody in [people]; did you mean "alice"?',
        '13 owners.map."github:acme/d": "erin" is gone, and cannot be an owner; name somebody who is there',
        '14 owners.map."github:acme/e": "@" names nobody; write a login such as "@alice-gh"',
        '15 owners.map."acme/f": no program is named "acme"; write a container such as "github:acme/f", or '
        'PROGRAM/TITLE such as "platform/*"',
        '16 owners.map."*": "zz" is nobody in [people]; add [people.zz], or write a login such as "@alice-gh"',
    ]


MATCHES = ["*", "github:acme/api", "github:acme/*", "github:acme/api#3", "github:acme/api#Release: 1/2", "*:API"]
MATCHES += ["suite/*", "SUITE/2.4", "suite/a: b", "s*/x", "github:acme/api/v1"]


@pytest.mark.parametrize("match", MATCHES)
def test_a_match_may_name_all_that_a_milestone_is_known_by(match: str) -> None:
    override = f'[[overrides]]\nmatch = "{match}"\nrules = {{ overdue = "off" }}\n'
    assert read(BOTH + program("suite", "jira:A") + override).overrides[0].match == match


@pytest.mark.parametrize(
    ("match", "complaint"),
    [
        ("", 'must not be empty; write "*" for everything'),
        ("gihtub:acme/api#x", 'no connector is named "gihtub"; did you mean "github"?'),
        ("github:#x", '"github:" is not a container\'s address; write CONNECTOR:CONTAINER, such as "github:github"'),
        ("github:acme/[x", 'a "[" is not closed in "github:acme/[x"; close it as in [ab], or leave it out'),
        ("suite", '"suite" names neither a container nor a milestone; write "suite/*" for all its milestones'),
        ("suiet/2.4", 'no program is named "suiet"; did you mean "suite"?'),
        ("acme/api", 'no program is named "acme"; write a container such as "github:acme/api", or PROGRAM/TITLE'),
        ("API", '"API" names neither a container nor a milestone; write a container such as "github:acme/api", or'),
    ],
)
def test_a_match_that_can_never_match_is_a_problem(match: str, complaint: str) -> None:
    waiver = f'[[waivers]]\nmatch = "{match}"\nrules = ["overdue"]\nuntil = 2020-01-01\nreason = "long over"\n'
    (found,) = complaints(BOTH + program("suite", "jira:A") + waiver)
    assert f"waivers[0].match: {complaint}" in found


def test_unknown_rules_are_found_wherever_rules_are_named() -> None:
    text = GITHUB + (
        '[rules]\noverdu = "warn"\n[[overrides]]\nmatch = "*"\nrules = { stael = "off" }\n'
        '[[waivers]]\nmatch = "*"\nrules = ["overdue", "xyz"]\nuntil = 2020-01-01\nreason = "long over"\n'
    )
    rules, override, waiver = complaints(text)
    assert rules == '3 rules.overdu: there is no rule "overdu"; did you mean "overdue"?'
    assert override == '6 overrides[0].rules.stael: there is no rule "stael"; did you mean "stale"?'
    assert waiver.startswith('9 waivers[0].rules[1]: there is no rule "xyz"; the rules are "ambiguous-title", ')


def test_an_ended_waiver_is_no_mistake() -> None:
    waiver = '[[waivers]]\nmatch = "*"\nrules = ["overdue"]\nuntil = 2020-01-01\nreason = "long over"\n'
    assert str(read(GITHUB + waiver).waivers[0].until) == "2020-01-01"
