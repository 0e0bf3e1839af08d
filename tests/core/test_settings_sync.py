"""What `[sync]`, `[sync.fields]` and the limits on changes may say."""

from __future__ import annotations

import pytest

from tests.core.settings_text import GITHUB, JIRA, complaints, read
from tests.core.test_settings_checks import BOTH, program

PLATFORM = BOTH + program("platform", "github:acme/api", "github:acme/web-*", "jira:API")
FIRST = PLATFORM.count("\n") + 1


def sync(text: str) -> str:
    return f"{PLATFORM}[sync]\n{text}\n"


@pytest.mark.parametrize(
    "text",
    [
        'create = ["jira:API"]\ncreate_from = ["github:acme/api"]',
        'create = ["jira", "github:acme/web-*", "github:acme/web-shop", "github:*", "jira:a*"]',
        'on_delete = "unlink"\nfields = { title = "off", due = "jira", start = "merge", state = "github:acme/api" }',
        'fields.state = "report"',
        "create = []",
    ],
)
def test_what_programs_have_may_be_named(text: str) -> None:
    assert read(sync(text)).programs


@pytest.mark.parametrize("key", ["create", "create_from"])
@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("jria", 'no connector is named "jria"; did you mean "jira"?'),
        ("acme/api", 'no connector is named "acme/api"; did you mean "github:acme/api"?'),
        ("zzz", 'no connector is named "zzz"; write "github" or "jira", or a container such as "github:acme/api"'),
        ("jria:API", 'no connector is named "jria"; did you mean "jira"?'),
        ("jira:", '"jira:" is not a container\'s address; write CONNECTOR:CONTAINER, such as "github:jira"'),
        ("jira:API#3", '"jira:API#3" is the address of one milestone; name its container, "jira:API"'),
        ("github:acme/[", 'a "[" is not closed in "acme/["; close it as in [ab], or leave it out'),
    ],
)
def test_an_entry_is_a_connector_or_a_container(key: str, entry: str, complaint: str) -> None:
    assert complaints(sync(f'{key} = [\n  "jira:API",\n  "{entry}",\n]')) == [f"{FIRST + 3} sync.{key}[1]: {complaint}"]


@pytest.mark.parametrize(
    ("key", "useless"),
    [("create", "nothing is created there"), ("create_from", "nothing is created from there")],
)
def test_an_entry_that_no_program_has_is_in_vain(key: str, useless: str) -> None:
    assert complaints(sync(f'{key} = ["jira:APO", "github:acme/shop"]')) == [
        f'{FIRST + 1} sync.{key}[0]: {useless}: no program names "jira:APO"; did you mean "jira:API"?',
        f'{FIRST + 1} sync.{key}[1]: {useless}: no program names "github:acme/shop"; did you mean "github:acme/api"?',
    ]
    far = complaints(sync(f'{key} = ["jira:SOMETHINGELSE"]'))
    assert far == [
        f'{FIRST + 1} sync.{key}[0]: {useless}: no program names "jira:SOMETHINGELSE"; name it among a program\'s '
        'members, or write "github:acme/api", "github:acme/web-*" or "jira:API"'
    ]
    unused = GITHUB + JIRA + program("a", "github:acme/api") + f'[sync]\n{key} = ["jira"]\n'
    assert f'{useless}: no program names "jira"; ' in complaints(unused)[0]


def test_without_programs_nothing_is_created_anywhere() -> None:
    (complaint,) = complaints(GITHUB + '[sync]\ncreate = ["github"]\n')
    assert complaint == (
        '3 sync.create[0]: nothing is created there: no program names "github"; name it among the members of a '
        "program in [[programs]]"
    )


@pytest.mark.parametrize("entry", ["jira", "jira:API", "jira:*"])
def test_nothing_can_be_created_where_mdpc_only_reads(entry: str) -> None:
    text = GITHUB + JIRA + 'access = "read"\n' + program("a", "github:acme/api", "jira:API")
    assert complaints(f'{text}[sync]\ncreate = ["{entry}"]\n')[0].endswith(
        'sync.create[0]: nothing is created there: connectors.jira has access = "read"; take one of the two out; '
        'access = "write" is the default'
    )
    assert read(f'{text}[sync]\ncreate_from = ["{entry}"]\nfields.due = "jira"\n').sync.fields.due == "jira"


@pytest.mark.parametrize(
    ("field", "rule", "complaint"),
    [
        (
            "state",
            "merge",
            'a state cannot be merged; name the side that leads: write "github", "jira", "report" or "off"',
        ),
        ("due", "marge", 'no connector is named "marge"; did you mean "merge"?'),
        ("state", "gihtub", 'no connector is named "gihtub"; did you mean "github"?'),
        (
            "start",
            "x",
            'no connector is named "x"; write "merge", "report", "off", "github" or "jira", or a container such as '
            '"github:acme/api"',
        ),
        ("title", "jira:APP", 'nothing follows it: no program names "jira:APP"; did you mean "jira:API"?'),
        ("title", "hub:acme/api", 'no connector is named "hub"; did you mean "github"?'),
    ],
)
def test_a_field_is_merged_reported_left_or_led(field: str, rule: str, complaint: str) -> None:
    assert complaints(f'{PLATFORM}[sync.fields]\n{field} = "{rule}"\n') == [
        f"{FIRST + 1} sync.fields.{field}: {complaint}"
    ]


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    text = (
        '[sync]\ncreate = ["jria"]\ncreate_frm = []\ncreate_from = "github"\non_delete = "unlnk"\n'
        '[sync.fields]\nstate = "merge"\ndue = ""\nstrat = "merge"\ntitle = 3\n[limits]\nchanges = true\nshare = 30\n'
    )
    assert [line.partition(";")[0] for line in complaints(PLATFORM + text)] == [
        f'{FIRST + 1} sync.create[0]: no connector is named "jria"',
        f"{FIRST + 2} sync.create_frm: there is no such key",
        f"{FIRST + 3} sync.create_from: must be a list",
        f'{FIRST + 4} sync.on_delete: "unlnk" is not possible here',
        f"{FIRST + 6} sync.fields.state: a state cannot be merged",
        f"{FIRST + 7} sync.fields.due: must not be empty",
        f"{FIRST + 8} sync.fields.strat: there is no such key",
        f"{FIRST + 9} sync.fields.title: must be text",
        f"{FIRST + 11} limits.changes: this is not a number",
        f"{FIRST + 12} limits.share: a share is from 0 to 1, such as 0.3",
    ]


@pytest.mark.parametrize(
    "text", ["sync = 3", "sync.fields = 3", 'sync.create = "jira"', "sync.create = [3, { a = 1 }]"]
)
def test_what_is_of_another_kind_is_one_problem(text: str) -> None:
    assert {line.split(":")[0].partition("[")[0] for line in complaints(f"{text}\n{PLATFORM}")} == {
        f"1 {text.partition(' ')[0]}"
    }


@pytest.mark.parametrize("share", ["0", "1", "0.0", "1.0", "0.3"])
def test_a_share_is_from_0_to_1(share: str) -> None:
    assert read(f"{GITHUB}[limits]\nshare = {share}\n").limits.share == float(share)


@pytest.mark.parametrize(
    ("share", "complaint"),
    [
        ("-0.1", "a share is from 0 to 1, such as 0.3"),
        ("1.1", "a share is from 0 to 1, such as 0.3"),
        ("30", "a share is from 0 to 1, such as 0.3"),
        ("nan", "a share is from 0 to 1, such as 0.3"),
        ("inf", "a share is from 0 to 1, such as 0.3"),
        ("true", "this is not a number; write a share such as 0.3"),
        ("false", "this is not a number; write a share such as 0.3"),
        ('"30%"', "must be a number; write digits without quotes"),
        ("[]", "must be a number; write digits without quotes"),
    ],
)
def test_what_is_no_share_is_a_problem(share: str, complaint: str) -> None:
    (found,) = complaints(f"{GITHUB}[limits]\nshare = {share}\n")
    assert found.startswith(f"3 limits.share: {complaint}")


@pytest.mark.parametrize("changes", ["true", "-1", "1.5", '"many"'])
def test_changes_are_counted_in_whole_numbers(changes: str) -> None:
    (found,) = complaints(f"{GITHUB}[limits]\nchanges = {changes}\n")
    assert found.startswith("3 limits.changes: ")


def test_the_rule_for_missing_records_names_what_programs_have() -> None:
    rules = (
        '[rules]\nmissing-counterpart = { containers = ["jira", "jira:APO"] }\n'
        '[[overrides]]\nmatch = "*"\nrules = { missing-counterpart = { containers = ["jira:API", "jria"] } }\n'
        '[[overrides]]\nmatch = "*"\nrules = { missing-counterpart = "off" }\n'
    )
    assert complaints(PLATFORM + rules) == [
        f'{FIRST + 1} rules.missing-counterpart.containers[1]: nothing is missing there: no program names "jira:APO"; '
        'did you mean "jira:API"?',
        f'{FIRST + 4} overrides[0].rules.missing-counterpart.containers[1]: no connector is named "jria"; '
        'did you mean "jira"?',
    ]


# ── From the environment ──────────────────────────────────────────────────────────────────────────


def test_all_of_it_can_come_from_the_environment() -> None:
    settings = read(
        sync('create = ["github"]\nfields.title = "off"'),
        {
            "MDPC_SYNC__CREATE": '["jira:API"]',
            "MDPC_SYNC__CREATE_FROM": '["github:acme/api"]',
            "MDPC_SYNC__ON_DELETE": "unlink",
            "MDPC_SYNC__FIELDS__STATE": "github",
            "mdpc_sync__fields__due": "jira",
            "MDPC_LIMITS__CHANGES": "7",
            "MDPC_LIMITS__SHARE": "0.5",
            "MDPC_RULES__MISSING_COUNTERPART": '{"containers": ["jira"]}',
            "MDPC_RULES__DUE_ORDER": "error",
        },
    )
    assert settings.sync.create == ("jira:API",)
    assert settings.sync.create_from == ("github:acme/api",)
    assert settings.sync.on_delete == "unlink"
    fields = settings.sync.fields
    assert (fields.title, fields.due, fields.start, fields.state) == ("off", "jira", "report", "github")
    assert (settings.limits.changes, settings.limits.share) == (7, 0.5)
    assert settings.rules == {"missing-counterpart": {"containers": ["jira"]}, "due-order": "error"}


def test_whole_tables_are_json() -> None:
    settings = read(PLATFORM, {"MDPC_SYNC": '{"create": ["jira"], "fields": {"state": "github"}}'})
    assert (settings.sync.create, settings.sync.fields.state) == (("jira",), "github")
    fields = read(PLATFORM, {"MDPC_SYNC__FIELDS": '{"state": "jira"}'}).sync.fields
    assert (fields.state, fields.title) == ("jira", "merge")


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("MDPC_SYNC__CREATE", "jira", 'must be a list; write JSON: ["...", "..."]'),
        ("MDPC_SYNC__CREATE", '["jria"]', 'no connector is named "jria"; did you mean "jira"?'),
        ("MDPC_SYNC__CREATE_FROM", '["jira:APO"]', 'nothing is created from there: no program names "jira:APO"'),
        ("MDPC_SYNC__ON_DELETE", "unlnk", '"unlnk" is not possible here; did you mean "unlink"?'),
        ("MDPC_SYNC__FIELDS__STATE", "merge", "a state cannot be merged; name the side that leads"),
        ("MDPC_SYNC__FIELDS", '{"state": "merge"}', "a state cannot be merged; name the side that leads"),
        ("MDPC_SYNC__FIELDS", "merge", 'must be a table; write JSON: {"key": "value"}'),
        ("MDPC_SYNC__CREAT", "x", 'there is no such key; did you mean "MDPC_SYNC__CREATE"?'),
        ("MDPC_SYNC__FIELDS__STAET", "github", 'there is no such key; did you mean "MDPC_SYNC__FIELDS__STATE"?'),
        ("MDPC_SYNK__CREATE", "x", 'mdpc knows no such variable; did you mean "MDPC_SYNC__CREATE"?'),
        ("MDPC_LIMITS__SHARE", "30", "a share is from 0 to 1, such as 0.3"),
        ("MDPC_LIMITS__SHARE", "true", "must be a number"),
    ],
)
def test_mistakes_in_variables_name_the_variable(variable: str, value: str, complaint: str) -> None:
    (found,) = complaints(PLATFORM, {variable: value})
    assert found.startswith(f"- {variable}: {complaint}")


def test_access_may_come_from_the_environment_too() -> None:
    (found,) = complaints(sync('create = ["jira"]'), {"MDPC_CONNECTORS__JIRA__ACCESS": "read"})
    assert found.startswith(f"{FIRST + 1} sync.create[0]: nothing is created there: connectors.jira has access")
