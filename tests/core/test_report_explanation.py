"""A milestone explained, a rule's documentation, and lists of problems."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mdpc.installed import installed_rules
from mdpc.judge import Explained, Explanation, Policy, findings, verdicts
from mdpc.model import Level, Markup
from mdpc.problem import Problem
from mdpc.report import problems, rule_page
from mdpc.report.explanation import explanations_json, explanations_markdown, explanations_text
from mdpc.report.page import Look
from mdpc.rules.base import Rule
from mdpc.settings.problems import SettingsProblem
from tests.core.build import NOW, TODAY, plan, record, settings
from tests.core.reports import HOSTILE, WORKFLOW_COMMAND

WAIVED: dict[str, Any] = {
    "rules": {"overdue": "error", "stale": "warn"},
    "waivers": [
        {"match": "platform/*", "rules": ["owner-required"], "until": date(2026, 12, 31), "reason": "new team"}
    ],
    "programs": [{"name": "platform", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}]}],
}


def explained(**facts: Any) -> Explained:
    records = (
        record("github:acme/api#1", facts.pop("title", "v1.0"), due="2026-11-02", open_issues=2, closed_issues=3),
        record("jira:API#10010", "1.0", due="2026-11-02"),
    )
    shown = plan(*records, **WAIVED)
    policy = Policy(settings(**WAIVED), installed_rules())
    told = []
    for planned in shown.milestones:
        milestone = replace(planned, **facts)
        said = verdicts(milestone, policy, TODAY)
        told.append(Explanation(milestone, said, findings(milestone, said), shown.changes))
    return Explained(shown, tuple(told))


def test_a_milestone_with_its_records_rules_and_changes() -> None:
    text = explanations_text(explained(), TODAY, Look(100))
    assert text.startswith("v1.0\nplatform/1.0  m")
    assert "  health  off track\n  due     2026-11-02, 20 days late\n" in text
    assert "  owner   nobody: none of the sources in [owners] names somebody who counts\n" in text
    assert "  issues  2 open, 3 closed\n" in text
    assert (
        "  github:acme/api#1  open, due 2026-11-02, holds the memory\n    https://tracker.example/acme/api/1\n" in text
    )
    assert "  jira:API#10010  open, due 2026-11-02\n" in text
    flat = " ".join(text.split())
    assert "error overdue it was due on 2026-11-02, 20 days ago. Finish and close github:acme/api#1" in flat
    assert "([rules]) waived owner-required nobody owns it. " in flat
    assert 'Waived by "platform/*" until 2026-12-31: new team. (the default)' in flat
    assert "ok closed-with-open-work kept (the default)" in flat
    assert "off title-format switched off (the default)" in flat
    assert "github:acme/api#1 status: the milestone gets its status" in flat
    assert "**mdpc:** off track · overdue since 2026-11-02" in flat


def test_earlier_dates_and_closed_milestones() -> None:
    dues = ((date(2026, 10, 1), date(2026, 9, 1)), (date(2026, 11, 2), date(2026, 9, 30)))
    text = explanations_text(explained(dues=dues, closed=True, history=True), TODAY, Look(100))
    assert "  due     2026-11-02; before: 2026-10-01 (known since 2026-09-01)\n" in text
    assert "history: listed, never judged or written to" in text
    assert "RULES" not in text


def test_a_milestone_as_json() -> None:
    told = json.loads(explanations_json(explained(), NOW.isoformat()))
    assert (told["schema"], told["command"], told["now"]) == ("mdpc/1", "explain", "2026-11-22T09:00:00+00:00")
    (milestone,) = told["milestones"]
    assert milestone["key"] == "platform/1.0"
    assert len(milestone["because"]) == 2
    verdict = {each["rule"]: each for each in milestone["verdicts"]}["overdue"]
    assert (verdict["level"], verdict["source"], verdict["waiver"]) == ("error", "[rules]", None)
    assert verdict["breaches"][0]["message"] == "it was due on 2026-11-02, 20 days ago"
    assert [each["rule"] for each in milestone["findings"]] == ["overdue"]
    written = [each["ref"] for each in milestone["changes"] if each["field"] == "status"]
    assert sorted(written) == ["github:acme/api#1", "jira:API#10010"]


def test_a_milestone_as_markdown() -> None:
    text = explanations_markdown(explained(), TODAY)
    assert text.startswith("### v1.0\n\n`platform/1.0`\n\n- off track, due: 2026-11-02, 20 days late\n")
    assert "| error | overdue | it was due on 2026-11-02, 20 days ago. Finish and close `github:acme/api#1`, or" in text
    assert "- `github:acme/api#1`: member `github:acme/api`" not in text
    assert "- `github:acme/api#1`: member " in text
    assert "\u200b" not in text.replace("`", "").partition("| Rule |")[0].partition("member")[0]


def test_a_record_is_named_once_with_why_it_belongs_below_it() -> None:
    text = explanations_text(explained(), TODAY, Look(100))
    records = text.split("RECORDS\n", 1)[1].split("\n\n", 1)[0]
    assert records.count("github:acme/api#1") == 1
    assert "    https://tracker.example/acme/api/1\n    member github:acme/api; its title 'v1.0' has the key" in records


@pytest.mark.parametrize("width", [30, 80])
def test_nothing_but_addresses_on_the_web_is_wider_than_the_page(width: int) -> None:
    text = explanations_text(explained(title="A title of many words " * 12), TODAY, Look(width))
    assert [line for line in text.splitlines() if len(line) > width and "https://" not in line] == []


def test_a_milestone_without_a_title_is_named_all_the_same() -> None:
    assert explanations_text(explained(title=" "), TODAY, Look(80)).startswith("(no title)\n")
    assert explanations_markdown(explained(title=" "), TODAY).startswith("### (no title)\n")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_hostile_text_commands_nothing(width: int) -> None:
    told = explained(title=HOSTILE)
    assert not WORKFLOW_COMMAND.search(explanations_text(told, TODAY, Look(width)))
    assert not WORKFLOW_COMMAND.search(explanations_json(told, ""))
    assert not WORKFLOW_COMMAND.search(explanations_markdown(told, TODAY))
    assert "<script>" not in explanations_markdown(told, TODAY)


@pytest.mark.parametrize(("name", "rule"), installed_rules().items())
def test_every_rule_documents_itself(name: str, rule: type[Rule]) -> None:
    text = rule_page.rule_text(name, rule, Look(80))
    told = json.loads(rule_page.rule_json(name, rule))
    first = rule_page.documentation(rule).splitlines()[0]
    assert text.startswith(f"{name}\n\n{first}\n")
    assert f"default: {rule.default.value}\n" in text
    assert told["documentation"].startswith(first)
    assert told["default"] == rule.default
    assert all(setting["description"] for setting in told["settings"])
    page = rule_page.rule_markdown(name, rule)
    assert page.startswith(f"### {name}\n\n{first}")
    shown = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    assert rule.configure(shown["rules"][name]).level is Level.ERROR


def test_a_rule_with_settings_says_how_to_set_them() -> None:
    rules = installed_rules()
    assert rule_page.example("stale", rules["stale"]) == '[rules] stale = { level = "error", days = 30 }'
    assert rule_page.example("overdue", rules["overdue"]) == '[rules] overdue = "error"'
    listing = '[rules] missing-counterpart = { level = "error", containers = [] }'
    assert rule_page.example("missing-counterpart", rules["missing-counterpart"]) == listing
    assert "  pattern  a regular expression that titles must match; required\n" in rule_page.rule_text(
        "title-format", rules["title-format"], Look(80)
    )
    assert "- `days`: days without a change of any issue; default `30`" in rule_page.rule_markdown(
        "stale", rules["stale"]
    )


def test_problems_of_a_configuration_have_place_and_next_step() -> None:
    found = problems.of_settings(
        [
            SettingsProblem("mdpc.toml", 3, "rules.overdeu", "there is no such rule", 'did you mean "overdue"?'),
            SettingsProblem("environment", None, "MDPC_X", "mdpc knows no such variable"),
        ]
    )
    text = found.as_text(Look(80))
    assert text.startswith(
        "The configuration has 2 problems.\n\nerror mdpc.toml:3: rules.overdeu  there is no such rule\n"
    )
    assert '      → Did you mean "overdue"?\n' in text
    assert json.loads(found.as_json())["problems"][1] == {
        "level": "error",
        "where": "environment: MDPC_X",
        "what": "mdpc knows no such variable",
        "next_step": "",
    }
    assert (
        '| error | `mdpc.toml:3: rules.overdeu` | there is no such rule | Did you mean "overdue"? |'
        in found.as_markdown()
    )


def test_a_good_configuration_is_counted() -> None:
    found = problems.of_good_settings(settings(**WAIVED))
    text = "The configuration is valid: 2 connectors (github, jira), 1 program, 0 people and 1 waiver. "
    assert found.headline == f"{text}Nothing was contacted."
    assert not found.failed


def test_what_the_doctor_found_stands_worst_first() -> None:
    entries = [
        Problem("info", "github", "signed in as mdpc-bot"),
        Problem("warn", "jira", "few requests are left", "Wait until 10:00."),
        Problem("error", "jira:API", "it cannot be written", "Ask for Administer Projects."),
    ]
    found = problems.of_preflight(entries, ["github", "jira"])
    assert found.headline == "1 error and 1 warning with github and jira."
    assert [entry.level for entry in found.problems] == ["error", "warn", "info"]
    assert found.failed
    well = problems.of_preflight(entries[:1], ["github"])
    assert (well.headline, well.failed) == ("All is well with github.", False)


def test_every_next_step_stands_behind_an_arrow_and_every_problem_by_itself() -> None:
    entries = [
        Problem("info", "github", "signed in"),
        Problem("info", "github", "2 repositories are selected"),
        Problem("error", "jira:X", "There is no project X, or it is hidden (404). Check the key. Ask for rights."),
        Problem("error", "github:a/b", "GitHub forbids it: a. b (GET /repos/a/b: 403). Give the token access."),
        Problem("error", "jira:W*", "No project matches. Check the glob."),
        Problem("warn", "jira", "the token travels unencrypted", "Use https."),
        Problem("warn", "jira", "something without a step"),
    ]
    assert problems.of_preflight(entries, ["github", "jira"]).as_text(Look(100)) == (
        "3 errors and 2 warnings with github and jira.\n"
        "\n"
        "error jira:X  There is no project X, or it is hidden (404)\n"
        "      → Check the key. Ask for rights.\n"
        "\n"
        "error github:a/b  GitHub forbids it: a. b (GET /repos/a/b: 403)\n"
        "      → Give the token access.\n"
        "\n"
        "error jira:W*  No project matches\n"
        "      → Check the glob.\n"
        "\n"
        "warn  jira  the token travels unencrypted\n"
        "      → Use https.\n"
        "\n"
        "warn  jira  something without a step\n"
        "\n"
        "info  github  signed in\n"
        "info  github  2 repositories are selected\n"
    )


def test_hostile_problems_command_nothing() -> None:
    found = problems.of_preflight([Problem("error", HOSTILE, HOSTILE, HOSTILE)], [HOSTILE])
    for text in (found.as_text(Look(30)), found.as_json(), found.as_markdown()):
        assert not WORKFLOW_COMMAND.search(text)


def test_a_line_in_jira_is_explained_too() -> None:
    told = explained()
    assert told.explanations[0].milestone.records[1].markup is Markup.LINE
    assert "mdpc: off track, overdue since 2026-11-02" in " ".join(explanations_text(told, TODAY, Look(80)).split())
