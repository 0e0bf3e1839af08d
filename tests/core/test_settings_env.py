from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from pydantic import SecretStr

from mdpc import installed
from mdpc.model import Level
from tests.core.settings_text import GITHUB, JIRA, complaints, read


def test_any_value_can_come_from_the_environment() -> None:
    settings = read(
        "history = '30d'\n"
        + GITHUB
        + 'repositories = ["acme/api"]\noptional = ["acme/api"]\n[rules]\noverdue = "off"\n',
        {
            "MDPC_HISTORY": "all",
            "MDPC_LIMITS__ADOPT": "20",
            "MDPC_WRITEBACK__STATUS": "false",
            "MDPC_CELEBRATE__STREAKS": "true",
            "MDPC_ENFORCE_AFTER": "2027-02-01",
            "MDPC_CONNECTORS__GITHUB__REPOSITORIES": '["acme/*"]',
            "MDPC_CONNECTORS__GITHUB__PACE": "0.5",
            "MDPC_OWNERS": '{"sources": ["map"], "map": {"github:acme/api": "@x"}}',
            "MDPC_PROGRAMS": '[{"name": "a", "members": ["github:acme/api"]}]',
            "mdpc_rules__owner_required": "error",
            "MDPC_RULES__STALE": '{"days": 3}',
            "PATH": "/bin",
            "MDPC_DEBUG": "1",
        },
    )
    assert settings.history == "all"
    assert settings.limits.adopt == 20
    assert settings.writeback.status is False
    assert settings.celebrate is not None
    assert settings.celebrate.streaks is True
    assert str(settings.enforce_after) == "2027-02-01"
    github = settings.connectors["github"].model_dump()
    assert github["repositories"] == ("acme/*",)
    assert github["optional"] == ("acme/api",)
    assert github["pace"] == 0.5
    assert settings.owners.sources == ("map",)
    assert settings.owners.map == {"github:acme/api": "@x"}
    assert [program.name for program in settings.programs] == ["a"]
    assert settings.rules == {"overdue": Level.OFF, "owner-required": Level.ERROR, "stale": {"days": 3}}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_true_and_false_are_text_in_a_variable(text: str, value: bool) -> None:
    environ = {"MDPC_WRITEBACK__STATUS": text, "MDPC_RULES__DUE_ORDER": '{"level": "warn"}'}
    settings = read(GITHUB, {**environ, "MDPC_RULES__DUE_ORDER__VERSIONS": text, "MDPC_ESCALATION__WORKDAYS": text})
    assert (settings.writeback.status, settings.escalation.workdays) == (value, value)
    assert settings.rules["due-order"] == {"level": "warn", "versions": text}


def test_in_the_json_of_a_variable_true_and_false_are_words() -> None:
    environ = {"MDPC_WRITEBACK": '{"status": "false"}', "MDPC_GATES": '[{"name": "a", "owner_may_approve": "yes"}]'}
    found = complaints(GITHUB, environ)
    assert [line.partition(";")[0] for line in found if "true or false" in line] == [
        "- MDPC_GATES: must be true or false",
        "- MDPC_WRITEBACK: must be true or false",
    ]


def test_names_are_found_by_their_letters_and_digits() -> None:
    settings = read(
        '[connectors.Acme-Jira]\ntype = "jira"\nurl = "https://acme.example"\n[people."Alice B."]\n',
        {
            "MDPC_CONNECTORS__ACME_JIRA__TOKEN": "000123",
            "MDPC_CONNECTORS__ACME_JIRA__ACCESS": "read",
            "MDPC_PEOPLE__ALICE_B___ACME_JIRA": "",
            "MDPC_PEOPLE__ALICE_B_": '{"Acme-Jira": "alice"}',
            "MDPC_PEOPLE__BOB__ACME_JIRA": "77",
        },
    )
    connector = settings.connectors["Acme-Jira"]
    assert connector.token == SecretStr("000123")
    assert connector.access == "read"
    assert settings.people["Alice B."].logins == {"Acme-Jira": "alice"}
    assert settings.people["bob"].logins == {"Acme-Jira": "77"}


def test_connectors_that_variables_cannot_tell_apart_are_a_problem() -> None:
    text = '[connectors.my-hub]\ntype = "github"\n[connectors.my_hub]\ntype = "github"\n'
    assert complaints(text) == [
        '3 connectors.my_hub: "my_hub" and "my-hub" are the same in names of environment variables; rename one of them'
    ]


@pytest.mark.parametrize(
    ("variable", "next_step"),
    [
        ("MDPC_LIMIT__ADOPT", 'did you mean "MDPC_LIMITS__ADOPT"?'),
        ("MDPC_TIMZONE", 'did you mean "MDPC_TIMEZONE"?'),
        ("MDPC_TIMEZONE__NAME", 'did you mean "MDPC_TIMEZONE"?'),
        ("MDPC_QQQ", "write MDPC_<TABLE>__<KEY>, such as MDPC_LIMITS__ADOPT=20"),
        ("MDPC_LIMITS__", 'did you mean "MDPC_LIMITS"?'),
        ("MDPC_PROGRAMS__0__NAME", "set MDPC_PROGRAMS to JSON"),
        ("MDPC_CONNECTORS__GIHTUB__TOKEN", 'did you mean "MDPC_CONNECTORS__GITHUB__TOKEN"?'),
    ],
)
def test_variables_that_mdpc_does_not_know_are_named_with_a_hint(variable: str, next_step: str) -> None:
    found = complaints(GITHUB, {variable: "x"})
    assert [line for line in found if line.startswith(f"- {variable}: ") and line.endswith(f"; {next_step}")]


def test_mistakes_in_variables_name_the_variable() -> None:
    found = complaints(
        GITHUB + '[rules]\noverdue = "warn"\n',
        {
            "MDPC_LIMITS__ADOPT": "many",
            "MDPC_LIMITS__ADPT": "1",
            "MDPC_CONNECTORS__GITHUB__OPTIONAL": "acme/*",
            "MDPC_RULES__OVERDUE": "eror",
            "MDPC_OVERRIDES": "[",
            "MDPC_OWNERS": '{"sources": ["driver", "divers"]}',
        },
    )
    assert [line.partition(";")[0] for line in found] == [
        "- MDPC_CONNECTORS__GITHUB__OPTIONAL: must be a list",
        "- MDPC_LIMITS__ADOPT: must be a whole number",
        "- MDPC_LIMITS__ADPT: there is no such key",
        "- MDPC_OVERRIDES: must be a list of tables",
        '- MDPC_OWNERS: "divers" is not possible here',
        '- MDPC_RULES__OVERDUE: "eror" is not possible here',
    ]
    assert 'write JSON: ["...", "..."]' in found[0]


def test_the_environment_completes_connectors_and_adds_none() -> None:
    environ = {"MDPC_CONNECTORS__JIRA__USER": "a@acme.example", "MDPC_CONNECTORS__JIRA__TOKEN": "a-token"}
    assert list(read(GITHUB, environ).connectors) == ["github"]
    added = {**environ, "MDPC_CONNECTORS__JIRA": '{"url": "https://acme.atlassian.net"}'}
    connector = read(GITHUB, added).connectors["jira"]
    assert connector.token == SecretStr("a-token")


def test_a_token_has_its_own_variable_and_a_usual_one() -> None:
    usual = {"GITHUB_TOKEN": "usual-token"}
    own = {"MDPC_CONNECTORS__GITHUB__TOKEN": "own-token"}
    assert read(GITHUB, usual).connectors["github"].token == SecretStr("usual-token")
    assert read(GITHUB, {**usual, **own}).connectors["github"].token == SecretStr("own-token")
    for empty in ("", "  \n"):
        environ = {**usual, "MDPC_CONNECTORS__GITHUB__TOKEN": empty}
        assert read(GITHUB, environ).connectors["github"].token == SecretStr("usual-token")
    assert read(GITHUB, {"GITHUB_TOKEN": ""}).connectors["github"].token is None
    jira = {"MDPC_CONNECTORS__JIRA__TOKEN": "token\n", "MDPC_CONNECTORS__JIRA__USER": "bot@acme.example"}
    assert read(JIRA, jira).connectors["jira"].token == SecretStr("token")


@pytest.mark.parametrize("variable", ["MDPC_CONNECTORS__GITHUB__TOKEN", "GITHUB_TOKEN"])
@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("tok\r\nen-1", "the token has a line end in it; set it again, as one line and nothing else"),
        ("tok\nen-1", "the token has a line end in it; set it again, as one line and nothing else"),
        ("tok…en-1", "the token holds a character that no token has; set it again, exactly as it was given"),
    ],
)
def test_a_token_that_no_request_can_carry_is_found_offline(variable: str, token: str, said: str) -> None:
    assert complaints(GITHUB, {variable: token}) == [f"- {variable}: {said}"]


def test_a_token_of_jira_cloud_needs_its_accounts_address() -> None:
    token = {"MDPC_CONNECTORS__JIRA__TOKEN": "a-token"}
    assert complaints(JIRA, token) == [
        "1 connectors.jira.user: this is missing: Jira Cloud takes a token only with its account's e-mail address; "
        "set MDPC_CONNECTORS__JIRA__USER"
    ]
    for text in (JIRA + 'user = "bot@acme.example"\n', JIRA.replace("atlassian.net", "example")):
        assert read(text, token).connectors["jira"].token == SecretStr("a-token")
    gateway = 'api_url = "https://api.atlassian.com/ex/jira/1"\n'
    assert read(JIRA + gateway, token).connectors["jira"].token == SecretStr("a-token")
    assert read(JIRA).connectors["jira"].token is None


@pytest.mark.parametrize(
    ("variable", "step"),
    [
        ("MDPC_CONNECTORS__GITHUB__TOKN", 'did you mean "MDPC_CONNECTORS__GITHUB__TOKEN"?'),
        ("MDPC_CONNECTORS__GITHUB__PRIVATE_KY", 'did you mean "MDPC_CONNECTORS__GITHUB__PRIVATE_KEY"?'),
        ("MDPC_LIMITS__ADPT", 'did you mean "MDPC_LIMITS__ADOPT"?'),
    ],
)
def test_an_unknown_variable_is_told_the_one_that_was_meant(variable: str, step: str) -> None:
    assert complaints(GITHUB, {variable: "x"}) == [f"- {variable}: there is no such key; {step}"]


def test_an_unknown_variable_that_is_like_none_is_told_all_of_them() -> None:
    (complaint,) = complaints(GITHUB, {"MDPC_CONNECTORS__GITHUB__XYZ": "x"})
    assert '"MDPC_CONNECTORS__GITHUB__TOKEN"' in complaint
    assert '"MDPC_CONNECTORS__GITHUB__REPOSITORIES"' in complaint


def test_the_usual_token_never_goes_to_a_second_host() -> None:
    second = '[connectors.ghes]\ntype = "github"\nurl = "https://github.acme.example/api/v3"\n'
    both = read(GITHUB + second, {"GITHUB_TOKEN": "usual-token"})
    assert both.connectors["github"].token == SecretStr("usual-token")
    assert both.connectors["ghes"].token is None
    assert read(second, {"GITHUB_TOKEN": "usual-token"}).connectors["ghes"].token == SecretStr("usual-token")


def test_a_connector_that_cannot_be_loaded_is_a_problem_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "tests.core.no_such_module:Connector", installed.CONNECTORS)
    real = installed._points
    monkeypatch.setattr(installed, "_points", lambda group: (broken,) if group == broken.group else real(group))
    (complaint,) = complaints("[connectors.broken]\n")
    assert complaint.startswith('1 connectors.broken: the connector "broken" cannot be loaded (No module named')
