"""The rules about records that are kept in step: drift, ambiguous titles, missing ones, lost memory, slipping dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mdpc.changes import Plan
from mdpc.installed import installed_rules
from mdpc.memory import LATER
from mdpc.model import Conflict, Finding, Lack, Milestone
from mdpc.rules.base import Breach, Context, Siblings, few, quoted
from tests.core.build import NOW, TODAY, container, milestone, plan, record
from tests.core.test_in_step import Company
from tests.core.test_plan import written

DAY = timedelta(days=1)
PROGRAM = {
    "name": "p",
    "members": [{"ref": "github:acme/a"}, {"ref": "github:acme/b"}, {"ref": "jira:API"}],
}
API, WEB = "github:acme/a#1", "jira:API#7"
PLAIN = milestone(record(API, due="2026-12-01"))


def breaches(rule: str, of: Milestone, settings: dict[str, Any] | None = None, **context: Any) -> list[Breach]:
    """What a rule says of a milestone."""
    made = installed_rules()[rule].configure(settings or {})
    return list(made.check(of, Context(context.pop("today", TODAY), **context)))


def found(of: Plan, rule: str) -> list[Finding]:
    return [each for each in of.findings if each.rule == rule]


def conflict(field: str, since: date | None, **values: str | None) -> Conflict:
    return Conflict("p/1.0", field, values or {API: "2026-12-01", WEB: None}, since)


# ── drift ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_difference_that_is_only_reported_is_found_at_once() -> None:
    records = [record(API, due="2026-12-01"), record(WEB, due="2026-12-24", closed=False)]
    (finding,) = found(plan(*records, programs=[PROGRAM], sync={"fields": {"due": "report"}}), "drift")
    assert finding.message == "its due dates differ: 2026-12-01 in github:acme/a#1; 2026-12-24 in jira:API#7"
    assert finding.level == "warn"
    assert finding.ref is None


def test_a_conflict_is_found_on_its_first_day_and_until_people_agree() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    assert found(company.plan(), "drift") == []
    api.due, version.due = date(2026, 12, 2), date(2026, 12, 3)
    (first,) = found(company.settled(), "drift")
    assert "its due dates are in conflict since 2026-11-22: 2026-12-02 in github:acme/api#" in first.message
    (later,) = found(company.settled(NOW + 5 * DAY), "drift")
    assert (later.message, later.id) == (first.message, first.id)
    version.due = api.due
    assert found(company.settled(), "drift") == []


@pytest.mark.parametrize(("days", "age", "said"), [(0, 0, 1), (3, 2, 0), (3, 3, 1), (3, 4, 1), (1, 0, 0)])
def test_a_conflict_has_so_many_days(days: int, age: int, said: int) -> None:
    of = replace(PLAIN, conflicts=(conflict("due", TODAY - age * DAY),))
    assert len(breaches("drift", of, {"days": days})) == said


def test_days_give_no_time_to_what_is_only_reported() -> None:
    of = replace(PLAIN, differences=(conflict("start", None),))
    assert len(breaches("drift", of, {"days": 30})) == 1


def test_each_field_has_its_own_finding_and_every_value_is_named() -> None:
    title = conflict("title", TODAY, **{API: "v2.0", WEB: "web 2.1"})
    state = conflict("state", None, **{API: "closed", WEB: "open", "jira:WEB#1": "open"})
    of = replace(PLAIN, conflicts=(title, conflict("due", TODAY)), differences=(state,))
    said = {each.what: each for each in breaches("drift", of)}
    assert said["state"].message == "its states differ: closed in github:acme/a#1; open in jira:API#7, jira:WEB#1"
    assert said["title"].message.endswith(': "v2.0" in github:acme/a#1; "web 2.1" in jira:API#7')
    assert said["due"].message.endswith(": 2026-12-01 in github:acme/a#1; none in jira:API#7")


def test_a_field_that_another_mdpc_knows_is_named_as_it_is() -> None:
    assert breaches("drift", replace(PLAIN, differences=(conflict("scope", None),)))[0].message.startswith(
        "its scope differ: "
    )


def test_hostile_and_countless_values_are_cut() -> None:
    titles = {f"github:acme/r{number}#1": f"{number} " + "x" * 500 for number in range(300)}
    (breach,) = breaches("drift", replace(PLAIN, conflicts=(conflict("title", TODAY, **titles),)))
    assert len(breach.message) < 1500
    assert breach.message.endswith("; and 290 more")
    assert "x" * 80 not in breach.message


# ── ambiguous-title ───────────────────────────────────────────────────────────────────────────────


def test_two_records_of_one_container_with_one_title_are_found_and_no_others_named() -> None:
    records = [record(API, "v1.0"), record("github:acme/a#2", "V1.0 "), record("github:acme/b#5", "v1.0")]
    decided = plan(*records, programs=[PROGRAM])
    (finding,) = found(decided, "ambiguous-title")
    assert finding.message == (
        'it may be several milestones: github:acme/a has 2 of this title, github:acme/a#1 "v1.0", '
        'github:acme/a#2 "V1.0 "'
    )
    assert finding.level == "warn"
    assert [entry.why for entry in decided.withheld] == [
        "two records of one container have this title: github:acme/a#1, github:acme/a#2. Rename one of them"
    ]


def test_every_container_with_several_is_named_in_one_finding() -> None:
    records = [record(f"github:acme/{name}#{number}") for name in "ab" for number in (1, 2)]
    (finding,) = found(plan(*records, programs=[PROGRAM]), "ambiguous-title")
    assert "; github:acme/b has 2 of this title, github:acme/b#1" in finding.message


def test_one_title_in_two_containers_is_one_milestone() -> None:
    decided = plan(record(API), record(WEB, "1.0"), programs=[PROGRAM])
    assert found(decided, "ambiguous-title") == []


# ── missing-counterpart ───────────────────────────────────────────────────────────────────────────


def test_what_vanished_is_found_once() -> None:
    company = Company(rules={"missing-counterpart": {"containers": ["jira:API"]}})
    company.github.add("acme/api", "v2.0")
    company.jira.add("API", "2.0")
    company.settled()
    company.jira.boxes["API"].records.clear()
    (finding,) = found(company.settled(), "missing-counterpart")
    assert finding.message.startswith("it has no record in jira:API: jira:API#")
    assert "is gone" in finding.message


def test_two_lacks_of_one_container_are_two_findings() -> None:
    lacks = tuple(Lack("jira:API", f"jira:API#{number} is gone", "Look.") for number in (1, 2))
    assert [each.what for each in breaches("missing-counterpart", replace(PLAIN, lacks=lacks))] == [
        "jira:API",
        "jira:API 2",
    ]


@pytest.mark.parametrize("where", ["jira:API", "jira", "jira:*", "JIRA:a*"])
def test_every_open_milestone_has_a_record_where_the_team_wants_one(where: str) -> None:
    records = [record(API), record("jira:API#9", "another")]
    rules = {"missing-counterpart": {"level": "error", "containers": [where]}}
    (finding,) = found(plan(*records, programs=[PROGRAM], rules=rules), "missing-counterpart")
    assert (finding.milestone, finding.message) == ("p/1.0", "it has no record in jira:API")
    assert finding.level == "error"


@pytest.mark.parametrize("where", [[], ["jira:WEB"], ["jira:OTHER*"], ["github:acme/a"]])
def test_no_other_container_is_asked_for(where: list[str]) -> None:
    records = [record(API), record("jira:API#9", "1.0"), record("jira:WEB#1", "alone")]
    rules = {"missing-counterpart": {"containers": where}}
    assert found(plan(*records, programs=[PROGRAM], rules=rules), "missing-counterpart") == []


def test_a_container_that_was_not_read_lacks_nothing() -> None:
    rules = {"missing-counterpart": {"containers": ["jira:API"]}}
    assert found(plan(record(API), programs=[PROGRAM], rules=rules), "missing-counterpart") == []


def test_a_closed_milestone_needs_no_record_anywhere() -> None:
    context: dict[str, Any] = {"containers": (container("jira:API"),)}
    settings = {"containers": ["jira"]}
    assert len(breaches("missing-counterpart", PLAIN, settings, **context)) == 1
    assert breaches("missing-counterpart", replace(PLAIN, closed=True), settings, **context) == []


def test_a_container_under_two_programs_is_in_the_company_of_both() -> None:
    programs = [
        {"name": "a", "members": [{"ref": "github:acme/a"}, {"ref": "jira:API", "title": "^a (?P<key>.+)"}]},
        {"name": "b", "members": [{"ref": "github:acme/b"}, {"ref": "jira:API", "title": "^b (?P<key>.+)"}]},
    ]
    records = [record(API), record("github:acme/b#1"), record("jira:API#1", "a 1.0")]
    rules = {"missing-counterpart": {"containers": ["jira:API"]}}
    missing = found(plan(*records, programs=programs, rules=rules), "missing-counterpart")
    assert [each.milestone for each in missing] == ["b/1.0"]


# ── memory-lost ───────────────────────────────────────────────────────────────────────────────────


def test_lost_memory_and_each_mark_that_does_not_count_are_found() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0")
    company.jira.add("API", "2.0")
    company.settled()
    api.description = None
    (finding,) = found(company.plan(), "memory-lost")
    assert (finding.ref, "lost, or a run was stopped" in finding.message) == (None, True)
    company.settled()
    assert found(company.plan(), "memory-lost") == []


def test_a_copied_mark_is_found_until_it_is_written_anew() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0")
    company.settled()
    copy = company.github.add("acme/web", "other", description=api.description)
    (finding,) = found(company.sync(), "memory-lost")
    assert finding.ref == f"github:acme/web#{copy.number}"
    assert finding.message == "its mark was copied from another milestone"
    assert finding.remedy.startswith("Nothing has to be done: ")
    assert found(company.settled(), "memory-lost") == []


def test_a_later_versions_memory_is_to_be_read_by_that_version() -> None:
    of = replace(PLAIN, troubles=((PLAIN.records[0].ref, LATER),))
    (breach,) = breaches("memory-lost", of)
    assert (breach.message, breach.ref) == (LATER, PLAIN.records[0].ref)
    assert breach.remedy.startswith("Run that version")


def test_notes_of_a_later_version_are_not_lost() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}]}])
    version = company.jira.add("API", "2.0")
    company.settled()
    notes = company.jira.boxes["API"].notes
    notes["mdpc.p.0"] = notes["mdpc.p.0"].replace('"v":1', '"v":9').replace('"v":2', '"v":9')
    (finding,) = found(company.plan(), "memory-lost")
    assert (finding.ref, finding.message) == (f"jira:API#{version.number}", LATER)
    assert company.plan().changes == ()


# ── slip ──────────────────────────────────────────────────────────────────────────────────────────


def moved(*dues: str) -> Milestone:
    days = tuple((date.fromisoformat(due), TODAY + number * DAY) for number, due in enumerate(dues))
    return replace(PLAIN, due=days[-1][0], dues=days)


@pytest.mark.parametrize(
    ("dues", "said"),
    [
        (["2026-12-01"], None),
        (["2026-12-01", "2026-12-15"], None),
        (["2026-12-01", "2026-12-16"], "it is due 15 days after its original date, 2026-12-01; the date moved once"),
        (["2026-12-31", "2026-12-01"], None),
        (
            ["2026-12-01", "2026-12-24", "2026-12-20"],
            "it is due 19 days after its original date, 2026-12-01; the date moved 2 times",
        ),
    ],
)
def test_a_date_slips_when_it_is_further_off_than_allowed(dues: list[str], said: str | None) -> None:
    for closed in (False, True):
        of = replace(moved(*dues), closed=closed)
        assert [each.message for each in breaches("slip", of)] == ([said] if said else [])


def test_how_far_is_a_setting() -> None:
    of = moved("2026-12-01", "2026-12-02")
    assert breaches("slip", of, {"max_days": 1}) == []
    assert breaches("slip", of, {"max_days": 0})[0].message.startswith("it is due 1 day after its original date")


def test_what_has_no_date_does_not_slip() -> None:
    assert breaches("slip", replace(moved("2026-12-01"), due=None)) == []
    assert breaches("slip", replace(PLAIN, due=None, dues=())) == []


def test_a_date_that_moved_over_runs_slips() -> None:
    (seen,) = written([record(API, due="2026-12-01")], plan(record(API, due="2026-12-01")))
    later = replace(seen, due=date(2027, 1, 1))
    (finding,) = found(plan(later, rules={"slip": "error"}), "slip")
    assert "31 days after its original date, 2026-12-01" in finding.message
    assert found(plan(later), "slip") == []


# ── What rules are given ──────────────────────────────────────────────────────────────────────────


def test_what_is_worked_out_of_siblings_is_worked_out_once() -> None:
    calls: list[int] = []

    def count(milestones: tuple[Milestone, ...]) -> int:
        calls.append(len(milestones))
        return len(milestones)

    siblings = Siblings((PLAIN, PLAIN))
    assert [siblings.once(count) for _ in range(3)] == [2, 2, 2]
    assert calls == [2]


def test_what_is_quoted_and_listed_is_bounded() -> None:
    assert quoted("x" * 80) == f'"{"x" * 80}"'
    assert quoted("x" * 81) == f'"{"x" * 79}…"'
    assert few(["a"]) == "a"
    assert few(map(str, range(10))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert few(map(str, range(12)), "; ").endswith("; 9; and 2 more")
