"""What the team's policy says: rules, levels, overrides, waivers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mdpc.model import Level
from tests.core.build import NOW, TODAY, plan, record

DAY = timedelta(days=1)
OWNED = "Owner: @alice\nWhat it is for."
GOOD = record("github:acme/api#1", description=OWNED, due=str(TODAY))


def broken(*records: object, **tables: object) -> list[tuple[str, str]]:
    return [(each.rule, each.level.value) for each in plan(*records, **tables).findings]  # type: ignore[arg-type]


def test_nothing_is_wrong_with_a_good_milestone() -> None:
    every_rule = dict.fromkeys(["owner-required", "due-date-required", "description-required", "overdue"], "error")
    assert broken(GOOD, rules={**every_rule, "title-format": {"pattern": r"^v\d"}, "stale": "warn"}) == []


def test_the_defaults() -> None:
    bare = record("github:acme/api#1")
    assert broken(bare) == [("due-date-required", "warn"), ("owner-required", "warn")]
    late = record("github:acme/api#1", description=OWNED, due=str(TODAY - DAY))
    assert broken(late) == [("overdue", "warn")]


@pytest.mark.parametrize(("days", "found"), [(-400, True), (-1, True), (0, False), (1, False)])
def test_due_today_is_not_overdue(days: int, found: bool) -> None:
    late = record("github:acme/api#1", description=OWNED, due=str(TODAY + days * DAY))
    assert (broken(late) == [("overdue", "warn")]) is found


@pytest.mark.parametrize(
    ("zone_hour", "found"),
    [(datetime(2026, 11, 22, 23, 59, tzinfo=UTC), False), (datetime(2026, 11, 23, tzinfo=UTC), True)],
)
def test_today_is_the_day_of_now(zone_hour: datetime, found: bool) -> None:
    assert bool(broken(GOOD, now=zone_hour)) is found


def test_every_message_says_what_and_what_next() -> None:
    records = [
        record("github:acme/api#1", "late", due="2026-11-01"),
        record("jira:API#7", "bare"),
    ]
    rules = {"description-required": "warn", "title-format": {"pattern": r"^v\d"}}
    said = {
        (each.ref or each.milestone, each.rule): (each.message, each.remedy)
        for each in plan(*records, rules=rules).findings
    }
    assert said["github:acme/api/late", "overdue"][0] == "it was due on 2026-11-01, 21 days ago"
    assert "github:acme/api#1" in said["github:acme/api/late", "overdue"][1]
    assert "driver" in said["jira:API/bare", "owner-required"][1]
    assert said["jira:API#7", "title-format"][0] == r"its title does not match ^v\d"
    assert all(remedy.endswith(".") and not message.endswith(".") for message, remedy in said.values())


def test_an_owner_line_alone_is_no_description() -> None:
    lonely = record("github:acme/api#1", description="Owner: @alice\r\n", due=str(TODAY))
    assert broken(lonely, rules={"description-required": "error"}) == [("description-required", "error")]


@pytest.mark.parametrize(("age", "found"), [(30, False), (31, True)])
def test_stale_counts_days_since_the_last_change_of_an_issue(age: int, found: bool) -> None:
    quiet = record("github:acme/api#1", description=OWNED, due=str(TODAY), last_activity=NOW - age * DAY)
    assert bool(broken(quiet, rules={"stale": {"days": 30}})) is found


def test_a_milestone_without_issues_is_stale_by_its_creation() -> None:
    empty = record("github:acme/api#1", description=OWNED, due=str(TODAY), created_at=NOW - 40 * DAY)
    assert broken(empty, rules={"stale": "error"}) == [("stale", "error")]


def test_overrides_change_levels_and_the_later_wins() -> None:
    overrides = [
        {"match": "github:acme/*", "rules": {"owner-required": "error", "due-date-required": "off"}},
        {"match": "github:acme/api", "rules": {"owner-required": "off"}},
    ]
    assert broken(record("github:acme/api#1"), overrides=overrides) == []
    assert broken(record("github:acme/web#1"), overrides=overrides) == [("owner-required", "error")]


@pytest.mark.parametrize(
    "match", ["github:acme/api", "github:ACME/*", "github:acme/api#1", "github:acme/api#V*", "github:acme/api/1.0"]
)
def test_a_match_names_a_container_a_ref_a_title_or_a_key(match: str) -> None:
    quiet = [{"match": match, "rules": {"owner-required": "off", "due-date-required": "off"}}]
    assert broken(record("github:acme/api#1"), overrides=quiet) == []


def test_an_override_adds_a_setting_and_keeps_the_others() -> None:
    quiet = record("github:acme/api#1", description=OWNED, due=str(TODAY), last_activity=NOW - 40 * DAY)
    rules = {"stale": {"level": "error", "days": 30}}
    assert broken(quiet, rules=rules, overrides=[{"match": "*", "rules": {"stale": {"days": 50}}}]) == []
    assert broken(quiet, rules=rules, overrides=[{"match": "*", "rules": {"stale": "warn"}}]) == [("stale", "warn")]


def test_a_milestone_of_several_records_takes_the_strictest_level() -> None:
    programs = [{"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web"}]}]
    overrides = [
        {"match": "github:acme/web", "rules": {"owner-required": "error"}},
        {"match": "github:acme/api", "rules": {"owner-required": "off"}},
    ]
    records = [record("github:acme/api#1", due=str(TODAY)), record("github:acme/web#1")]
    assert broken(*records, programs=programs, overrides=overrides) == [("owner-required", "error")]


def waiver(until: date) -> dict[str, object]:
    return {
        "match": "github:acme/api#v1.0",
        "rules": ["owner-required", "due-date-required"],
        "until": until,
        "reason": "why",
    }


def test_a_waiver_counts_to_its_last_day_and_is_then_a_finding() -> None:
    bare = record("github:acme/api#1")
    assert broken(bare, waivers=[waiver(TODAY)]) == []
    assert sorted(broken(bare, waivers=[waiver(TODAY - DAY)])) == [
        ("due-date-required", "warn"),
        ("owner-required", "warn"),
        ("waiver-expired", "warn"),
    ]


def test_an_expired_waiver_cannot_waive_itself() -> None:
    ended = waiver(TODAY - DAY)
    forever = {
        "match": "*",
        "rules": ["waiver-expired", "owner-required", "due-date-required"],
        "until": TODAY,
        "reason": "no",
    }
    assert broken(record("github:acme/api#1"), waivers=[ended, forever]) == [("waiver-expired", "warn")]


def test_until_enforce_after_every_error_is_a_warning() -> None:
    rules = {"owner-required": "error", "due-date-required": "off"}
    bare = record("github:acme/api#1")
    assert broken(bare, rules=rules, enforce_after=TODAY) == [("owner-required", "warn")]
    assert broken(bare, rules=rules, enforce_after=TODAY - DAY) == [("owner-required", "error")]


def test_errors_come_first_and_ids_stay() -> None:
    records = [record("github:acme/a#1", due="2026-01-01"), record("github:acme/b#1")]
    first = plan(*records, rules={"due-date-required": "error"})
    assert [each.level for each in first.findings] == [Level.ERROR, *[Level.WARN] * 3]
    later = plan(*reversed(records), rules={"due-date-required": "error"}, now=NOW + DAY)
    assert {each.id for each in first.findings} == {each.id for each in later.findings}
    assert len({each.id for each in first.findings}) == 4


def test_each_record_is_judged_by_the_rule_as_set_for_it() -> None:
    programs = [{"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}]}]
    rules = {"title-format": {"level": "error", "pattern": r"^v\d"}}
    overrides = [{"match": "jira:*", "rules": {"title-format": {"pattern": r"^\d"}}}]
    fine = [record("github:acme/api#1", "v1.0", due=str(TODAY), description=OWNED), record("jira:API#1", "1.0")]
    assert broken(*fine, programs=programs, rules=rules, overrides=overrides) == []
    swapped = [record("github:acme/api#1", "1.0", due=str(TODAY), description=OWNED), record("jira:API#1", "v1.0")]
    found = plan(*swapped, programs=programs, rules=rules, overrides=overrides).findings
    assert [(str(each.ref), each.message) for each in found] == [
        ("github:acme/api#1", r"its title does not match ^v\d"),
        ("jira:API#1", r"its title does not match ^\d"),
    ]


def test_a_milestone_is_waived_where_every_record_is() -> None:
    programs = [{"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web"}]}]
    records = [record("github:acme/api#1", due=str(TODAY)), record("github:acme/web#1")]
    one = {"match": "github:acme/api", "rules": ["owner-required"], "until": TODAY, "reason": "why"}
    assert broken(*records, programs=programs, waivers=[one]) == [("owner-required", "warn")]
    for waivers in ([one, {**one, "match": "github:acme/web"}], [{**one, "match": "p/1.0"}]):
        assert broken(*records, programs=programs, waivers=waivers) == []


def test_an_expired_waiver_of_a_closed_milestone_is_found() -> None:
    (change,) = plan(GOOD).changes
    closed = replace(GOOD, closed=True, description=str(change.after))
    ended = {"match": "github:acme/api", "rules": ["closed-with-open-work"], "until": TODAY - DAY, "reason": "why"}
    assert broken(closed, waivers=[ended]) == [("waiver-expired", "warn")]


def test_an_id_never_goes_to_another_finding() -> None:
    waivers = [
        {"match": match, "rules": ["overdue"], "until": TODAY - days * DAY, "reason": "why"}
        for match, days in (("github:acme/api", 0), ("github:acme/*", 1))
    ]
    today = {each.message: each.id for each in plan(GOOD, waivers=waivers).findings}
    tomorrow = {
        each.message: each.id for each in plan(replace(GOOD, due=None), waivers=waivers, now=NOW + DAY).findings
    }
    assert len(set(tomorrow.values())) == len(tomorrow)
    assert today.items() <= tomorrow.items()


@pytest.mark.parametrize("match", ["github:acme/api#[Q1] Launch", "github:acme/api/[q1] launch"])
def test_a_title_with_a_globs_signs_matches_itself(match: str) -> None:
    titled = record("github:acme/api#1", "[Q1] Launch")
    quiet = [{"match": match, "rules": {"owner-required": "off", "due-date-required": "off"}}]
    assert broken(titled, overrides=quiet) == []
    assert len(plan(titled, only=("github:acme/api/[q1] launch",)).milestones) == 1


@pytest.mark.parametrize("text", ["**Owner:** @alice", "> Owner: @alice", "<!-- template -->", " \r\n"])
def test_what_nobody_reads_is_no_description(text: str) -> None:
    lonely = record("github:acme/api#1", description=text, due=str(TODAY))
    assert ("description-required", "warn") in broken(lonely, rules={"description-required": "warn"})
