"""What mdpc's own part of a coordination issue says: every gate, what is to be done, and whom it may name."""

from __future__ import annotations

from datetime import date

import pytest

from tests.core.test_coordination_issues import one
from tests.core.test_gates_in_step import PEOPLE, RELEASE, company
from tests.core.test_in_step import PLATFORM, Company

DUE = date(2027, 1, 1)
SCOPE = {**RELEASE, "name": "scope-review", "approvals": 1}
LEGAL = {**RELEASE, "name": "legal"}


def line_with(acme: Company, words: str) -> str:
    """The only line of the issue that says something."""
    (found,) = (line for line in one(acme).body.splitlines() if words in line)
    return found


def held(*gates: object) -> Company:
    acme = company(gates=list(gates))
    acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
    acme.settled()
    return acme


def test_every_gate_that_is_open_comes_with_the_line_to_write() -> None:
    acme = held(RELEASE, SCOPE, LEGAL)
    acme.github.desk.say(one(acme), "bob-gh", "/approve scope-review")
    acme.settled()
    told = line_with(acme, "To approve")
    assert "with the line `/approve release-review` or `/approve legal` (`/reject GATE WHY`, `/withdraw GATE`)" in told
    assert "scope-review" not in told


def test_with_one_open_gate_every_line_is_that_gates() -> None:
    told = line_with(held(RELEASE), "To approve")
    assert "`/approve release-review` (`/reject release-review WHY`, `/withdraw release-review`)" in told
    assert "`mdpc approve release-review`" in told


def test_who_opens_a_milestone_again_names_the_line_of_each_gate() -> None:
    acme = held(RELEASE, LEGAL)
    next(iter(acme.github.boxes["acme/api"].records.values())).closed = True
    acme.settled()
    assert "`/approve release-review` or `/approve legal` here" in one(acme).comments[-1].body


def test_in_public_each_rule_is_named_once() -> None:
    acme = company(
        programs=[{**PLATFORM, "home": "github:acme/api"}],
        people={**PEOPLE, "zoe": {"logins": {"jira": "z"}}},
        rules={"description-required": "warn", "title-format": {"level": "warn", "pattern": "^R"}},
    )
    acme.github.boxes["acme/api"].public = acme.github.boxes["acme/web"].public = True
    for name in ("acme/api", "acme/web"):
        acme.github.add(name, "v1.0", due=DUE)
    acme.jira.add("API", "v1.0", due=DUE)
    plan = acme.settled()
    several = [finding.rule for finding in plan.findings]
    assert len(several) > len(set(several))
    listed = [line for line in one(acme).body.partition("To be done:\n")[2].splitlines() if line.startswith("- ")]
    assert len(listed) == len(set(listed))
    assert {line.removeprefix("- ").strip("`") for line in listed} == set(several)


def test_a_required_gate_that_is_for_others_is_said_not_to_apply() -> None:
    acme = held({**RELEASE, "approvals": 1, "requires": ["gates:legal"]}, {**LEGAL, "match": "github:acme/web"})
    assert "; gate `legal` does not apply here; still needed" in line_with(acme, "- `release-review`")
    acme.github.desk.say(one(acme), "bob-gh", "/approve release-review")
    acme.settled()
    assert line_with(acme, "- `release-review`").endswith("approved by `bob-gh`; gate `legal` does not apply here")


def test_who_waived_a_gate_and_why_stands_in_its_line() -> None:
    acme = held(RELEASE)
    acme.github.desk.say(one(acme), "carol-gh", "/waive release-review @dave says 2*3")
    acme.settled()
    told = line_with(acme, "- `release-review`")
    assert told == r"- `release-review` (before it closes): waived by `carol-gh` (@&#8203;dave says 2\*3)"
    acme.github.desk.say(one(acme), "carol-gh", "/withdraw release-review")
    acme.settled()
    assert "waived" not in line_with(acme, "- `release-review`")


def test_all_of_the_issues_title_can_be_seen() -> None:
    acme = company(gates=[RELEASE])
    acme.github.add("acme/api", "v1.0 \u202eevil\x1b[31m\r\n::error::x", due=DUE, description="Owner: @alice-gh")
    acme.settled()
    assert one(acme).title == "Milestone: v1.0 <U+202E>evil<U+001B>[31m ::error::x"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("@alice-gh", "@alice-gh: this milestone"),
        ("@acme/leads", "@acme/leads: this milestone"),
        ("@a_b", "@a_b: this milestone"),
        ("@mallory/@bob-gh", "`mallory/@bob-gh`: this milestone"),
        ("@mallory/x/@bob-gh", "`mallory/x/@bob-gh`: this milestone"),
        ("@mallory@bob-gh", "`mallory@bob-gh`: this milestone"),
    ],
)
def test_who_names_the_owner_has_one_account_mentioned_and_no_more(line: str, said: str) -> None:
    acme = company(gates=[{**RELEASE, "on_bypass": "reopen"}])
    acme.github.add("acme/api", "v1.0", due=DUE, description=f"Owner: {line}")
    acme.settled()
    next(iter(acme.github.boxes["acme/api"].records.values())).closed = True
    acme.settled()
    assert one(acme).comments[-1].body.startswith(said)
