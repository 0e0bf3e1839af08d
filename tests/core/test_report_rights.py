"""The rights in each container as `mdpc doctor` tells them, for three containers and for three hundred."""

from __future__ import annotations

import json

from mdpc.connector import Problem, Right, Rights
from mdpc.report.page import Look
from mdpc.report.problems import Listing, of_preflight
from tests.core.reports import HOSTILE, WORKFLOW_COMMAND

READ = Right("Issues: read", "reading milestones")
WRITE = Right("Issues: write", "writing milestones", "error")
TEAMS = Right("Members: read", "who is in a team", "warn", "List them in [teams].")
CONTENTS = Right("Contents: write", "who has the token changes code", "warn")
CHECKS = Right("Checks: read", "not needed as mdpc is configured")
PAGES = Right("Pages: read", "not needed as mdpc is configured")
GIVE, TAKE = "Give it.", "Take it away."


def few() -> Listing:
    return of_preflight(
        [
            Problem("info", "github", "signed in"),
            Rights("github:acme/api", there=(READ,), more=(CHECKS, PAGES), take=TAKE),
            Rights("github:acme/web", there=(READ,), missing=(WRITE, TEAMS), give=GIVE, take=TAKE),
            Rights("github:acme/app", there=(READ,), more=(CONTENTS,), unknown=(WRITE,), take=TAKE),
        ],
        ["github"],
    )


def test_three_containers() -> None:
    assert few().failed
    assert few().as_text(Look(80)) == (
        "1 error and 2 warnings with github.\n"
        "\n"
        "error github:acme/web  Issues: write is missing (writing milestones)\n"
        "      → Give it.\n"
        "\n"
        "warn  github:acme/web  Members: read is missing (who is in a team)\n"
        "      → List them in [teams].\n"
        "\n"
        "warn  github:acme/app  Contents: write is more than needed\n"
        "      → Take it away.\n"
        "\n"
        "info  github  signed in\n"
        "\n"
        "RIGHTS\n"
        "\n"
        "  github:acme/web\n"
        "    missing  Issues: write: writing milestones\n"
        "             Members: read: who is in a team\n"
        "    there    Issues: read: reading milestones\n"
        "\n"
        "  github:acme/app\n"
        "    more     Contents: write: who has the token changes code\n"
        "    unknown  as above: Issues: write\n"
        "    there    as above: Issues: read\n"
        "\n"
        "  github:acme/api\n"
        "    more     Checks: read, Pages: read: not needed as mdpc is configured\n"
        "    there    as above: Issues: read\n"
    )


def many(count: int = 300) -> Listing:
    poor = [Rights(f"github:acme/r{n}", there=(READ,), missing=(WRITE,), give=GIVE) for n in range(42)]
    rich = [Rights(f"github:acme/r{n}", there=(READ,), more=(CONTENTS,), take=TAKE) for n in range(42, count)]
    return of_preflight([*poor, *rich], ["github"])


def test_three_hundred_containers_are_a_page() -> None:
    text = many().as_text(Look(80))
    assert "error github:acme/r0 and 41 more  Issues: write is missing" in text
    assert "warn  github:acme/r42 and 257 more  Contents: write is more than needed" in text
    assert "\n  github:acme/r0, github:acme/r1, github:acme/r2 and 39 more\n    missing" in text
    assert len(text.splitlines()) < 25
    assert max(map(len, text.splitlines())) <= 80
    assert many().as_markdown().count("\n") < 25


def test_json_has_every_container_in_full() -> None:
    told = json.loads(many().as_json())
    assert [each["container"] for each in told["rights"]] == [f"github:acme/r{n}" for n in range(300)]
    assert told["rights"][0] == {
        "container": "github:acme/r0",
        "there": [{"right": "Issues: read", "why": "reading milestones", "level": "info"}],
        "missing": [{"right": "Issues: write", "why": "writing milestones", "level": "error"}],
        "more": [],
        "unknown": [],
    }
    assert [(each["level"], each["where"]) for each in told["problems"]] == [
        ("error", "github:acme/r0 and 41 more"),
        ("warn", "github:acme/r42 and 257 more"),
    ]


def test_the_markdown_has_a_row_for_each_right() -> None:
    rows = few().as_markdown()
    assert "| `github:acme/web` | **missing** | Issues: write | writing milestones |" in rows
    assert "|  | there | Issues: read | reading milestones |" in rows


def test_what_is_dangerous_stands_first() -> None:
    found = of_preflight([Rights("github:acme/api", more=(CHECKS, CONTENTS, PAGES), take=TAKE)], ["github"])
    assert (
        "    more     Contents: write: who has the token changes code\n"
        "             Checks: read, Pages: read: not needed as mdpc is configured\n"
    ) in found.as_text(Look(80))


def test_what_is_more_than_needed_fails_nothing() -> None:
    well = of_preflight([Rights("github:acme/api", there=(READ,), more=(CONTENTS,), take=TAKE)], ["github"])
    assert not well.failed
    plain = of_preflight([Rights("github:acme/api", there=(READ,), more=(CHECKS,), take=TAKE)], ["github"])
    assert (plain.headline, plain.problems) == ("All is well with github.", ())


def test_a_connector_that_tells_no_rights_has_no_such_part() -> None:
    silent = of_preflight([Problem("info", "gitlab", "signed in")], ["gitlab"])
    assert "RIGHTS" not in silent.as_text(Look(80))
    assert json.loads(silent.as_json())["rights"] == []
    assert "What it is for" not in silent.as_markdown()


def test_hostile_names_of_containers_and_rights_command_nothing() -> None:
    right = Right(HOSTILE, HOSTILE, "error")
    found = of_preflight([Rights(HOSTILE, there=(right,), missing=(right,), give=HOSTILE)], [HOSTILE])
    for text in (found.as_text(Look(30)), found.as_json(), found.as_markdown()):
        assert not WORKFLOW_COMMAND.search(text)
