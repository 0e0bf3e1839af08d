"""Records of one milestone kept in step, over trackers in memory: plan, sync, and plan again."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.exits import INCOMPLETE, FailOn, exit_status
from mdpc.plan import Request
from mdpc.settings import Settings, Sync
from tests.core.build import NOW, settings
from tests.memory_tracker import Killed, MemoryTracker

PLATFORM = {
    "name": "platform",
    "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web"}, {"ref": "jira:API"}],
}
ROOMY = {"adopt": 1000, "changes": 1000, "share": 1.0}


class Company:
    """A GitHub with acme/api and acme/web, a Jira with API, one program, and mdpc."""

    def __init__(self, **tables: Any) -> None:
        self.settings: Settings = settings(**{"programs": [PLATFORM], "limits": ROOMY, **tables})
        self.github = MemoryTracker("github", self.settings.connectors["github"])
        self.jira = MemoryTracker("jira", self.settings.connectors["jira"])
        for name in ("acme/api", "acme/web"):
            self.github.box(name, public=False)
        self.jira.box("API")

    def plan(self, now: datetime = NOW, only: tuple[str, ...] = ()) -> Plan:
        return run.plan(self.settings, self.connectors, Request("plan", now, only))

    def sync(self, now: datetime = NOW) -> Plan:
        found = run.sync(
            run.plan(self.settings, self.connectors, Request("sync", now)), self.connectors, lambda _: None
        )
        assert {change.outcome for change in found.changes} <= {"done", "already"}, found.changes
        return found

    def settled(self, now: datetime = NOW) -> Plan:
        """After a sync a second plan is empty."""
        found = self.sync(now)
        assert self.plan(now).changes == ()
        return found

    @property
    def connectors(self) -> Any:
        return {"github": self.github, "jira": self.jira}


def test_equal_records_are_adopted_silently() -> None:
    company = Company()
    company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    company.jira.add("API", "2.0", due=date(2026, 12, 1))
    found = company.settled()
    assert {change.field for change in found.changes} == {"status", "link"}
    assert len(found.milestones) == 1


def test_the_empty_follow_the_only_value() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    web = company.github.add("acme/web", "v2.0")
    version = company.jira.add("API", "2.0")
    company.settled()
    assert api.due == web.due == version.due == date(2026, 12, 1)


def test_a_moved_date_and_a_new_title_reach_all() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    version.due = date(2026, 12, 24)
    api.title = "v2.1"
    company.settled()
    assert (api.title, version.title) == ("v2.1", "v2.1")
    assert api.due == version.due == date(2026, 12, 24)
    assert len(company.jira.boxes["API"].records) == 1


def test_a_conflict_is_left_alone_until_people_agree() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.due, version.due = date(2026, 12, 2), date(2026, 12, 3)
    found = company.settled()
    assert [(each.field, len(each.values)) for each in found.conflicts] == [("due", 2)]
    assert (api.due, version.due) == (date(2026, 12, 2), date(2026, 12, 3))
    version.due = api.due
    assert company.settled().conflicts == ()


def test_a_missing_counterpart_is_created_once() -> None:
    company = Company(sync={"create": ["jira", "github:acme/web"]})
    company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    company.settled()
    (version,) = company.jira.boxes["API"].records.values()
    (web,) = company.github.boxes["acme/web"].records.values()
    assert (version.title, version.due) == (web.title, web.due) == ("v2.0", date(2026, 12, 1))


def test_what_vanished_is_not_created_again() -> None:
    company = Company(sync={"create": ["jira"]})
    company.github.add("acme/api", "v2.0")
    company.settled()
    company.jira.boxes["API"].records.clear()
    found = company.settled()
    assert company.jira.boxes["API"].records == {}
    assert [lack.container for milestone in found.milestones for lack in milestone.lacks] == ["jira:API"]


def test_a_vanished_holder_is_not_created_again() -> None:
    company = Company(sync={"create": ["github:acme/api"]})
    company.github.add("acme/api", "v2.0")
    company.jira.add("API", "2.0")
    company.settled()
    company.github.boxes["acme/api"].records.clear()
    company.settled()
    assert company.github.boxes["acme/api"].records == {}


def test_the_leading_side_closes_and_reopens_the_others() -> None:
    company = Company(sync={"fields": {"state": "github"}})
    api = company.github.add("acme/api", "v2.0")
    web = company.github.add("acme/web", "v2.0")
    version = company.jira.add("API", "2.0")
    company.settled()
    api.closed = True
    company.settled()
    assert not version.closed
    web.closed = True
    company.settled()
    assert version.closed
    web.closed = False
    company.settled()
    assert (version.closed, api.closed) == (False, True)


def test_a_follower_that_is_closed_first_is_a_conflict() -> None:
    company = Company(sync={"fields": {"state": "github"}})
    api = company.github.add("acme/api", "v2.0")
    version = company.jira.add("API", "2.0")
    company.settled()
    version.closed = True
    assert [each.field for each in company.settled().conflicts] == ["state"]
    assert (api.closed, version.closed) == (False, True)


def test_versions_alone_are_remembered_in_notes() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}, {"ref": "jira:WEB"}]}])
    company.jira.box("WEB")
    api = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    web = company.jira.add("WEB", "2.0")
    company.settled()
    assert list(company.jira.boxes["API"].notes) == ["mdpc.p.0"]
    web.title = "3.0"
    company.settled()
    assert (api.title, web.due) == ("3.0", date(2026, 12, 1))


def killed_at(number: int, company: Company, doing: Callable[[], object] | None = None) -> None:
    """Run a sync, or something else, that is killed after its write of this number, from 0."""
    count = itertools.count()

    def die() -> None:
        if next(count) == number:
            raise Killed

    trackers = (company.github, company.jira)
    for tracker in trackers:
        tracker.after_write = die
    with contextlib.suppress(Killed):
        doing() if doing else run.sync(company.plan(), company.connectors, lambda _: None)
    for tracker in trackers:
        tracker.after_write = lambda: None


@pytest.mark.parametrize("number", range(6))
def test_memory_that_moves_from_a_public_block_to_notes_survives_any_death(number: int) -> None:
    company = Company()
    company.github.boxes["acme/api"].public = True
    company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    company.settled()
    company.settings = settings(programs=[PLATFORM], limits=ROOMY, sync={"create": ["jira"]})
    killed_at(number, company)
    found = company.settled()
    assert not any(milestone.forgotten or milestone.rebuilt for milestone in found.milestones)
    assert len(company.jira.boxes["API"].records) == 1
    (api,) = company.github.boxes["acme/api"].records.values()
    assert "jira" not in (api.description or "")


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("members", [("github:acme/api", "github:acme/web"), ("jira:API", "jira:WEB")])
def test_a_first_sync_that_was_killed_does_not_forbid_creating(members: tuple[str, ...], number: int) -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": ref} for ref in (*members, "jira:NEW")]}])
    for name in ("WEB", "NEW"):
        company.jira.box(name)
    for ref in members:
        connector, _, box = ref.partition(":")
        company.connectors[connector].add(box, "v2.0")
    killed_at(number, company)
    company.settled()
    company.settings = company.settings.model_copy(update={"sync": Sync(create=("jira:NEW",))})
    company.settled()
    assert len(company.jira.boxes["NEW"].records) == 1


def lacks(found: Plan) -> list[tuple[str, str]]:
    """Where a record is lacking, and why."""
    return [(lack.container, lack.why) for milestone in found.milestones for lack in milestone.lacks]


def test_an_archived_version_of_the_title_is_in_the_way() -> None:
    company = Company(sync={"create": ["jira"]})
    company.jira.add("API", "2.0", archived=True)
    company.github.add("acme/api", "v2.0")
    ((container, why),) = lacks(company.settled())
    assert container == "jira:API"
    assert "has this title already and was archived" in why


def test_history_gives_rise_to_nothing_and_joins_nothing() -> None:
    company = Company(sync={"create": ["jira"], "fields": {"state": "github"}})
    company.github.add("acme/api", "v1.0", closed=True)
    company.jira.add("API", "0.9", closed=True)
    company.github.add("acme/api", "v0.9")
    found = company.settled()
    assert len(company.jira.boxes["API"].records) == 1
    assert [container for container, _ in lacks(found)] == ["jira:API"]


def test_a_title_that_is_too_long_for_jira_is_said_and_not_cut() -> None:
    company = Company(sync={"create": ["jira"]})
    company.github.add("acme/api", "x" * 256)
    ((container, why),) = lacks(company.settled())
    assert (container, "256 characters" in why) == ("jira:API", True)


def test_titles_that_differ_in_case_alone_are_one_and_nothing_is_created() -> None:
    company = Company(sync={"create": ["jira"]})
    company.jira.add("API", "rc1")
    company.github.add("acme/api", "RC1")
    found = company.settled()
    assert len(found.milestones) == 1
    assert [held.title for held in company.jira.boxes["API"].records.values()] == ["rc1"]


def test_a_title_pattern_says_what_is_called_what() -> None:
    members = [{"ref": "github:acme/api"}, {"ref": "jira:API", "title": "^web (?P<key>.+)$"}]
    company = Company(programs=[{"name": "p", "members": members}], sync={"create": ["jira"]})
    api = company.github.add("acme/api", "2.0")
    company.jira.add("API", "desktop 2.0")
    company.settled()
    assert [held.title for held in company.jira.boxes["API"].records.values()] == ["desktop 2.0", "web 2.0"]
    version = next(held for held in company.jira.boxes["API"].records.values() if held.title == "web 2.0")
    api.title = "2.1"
    company.settled()
    assert version.title == "web 2.1"
    version.title = "web 3.0"
    company.settled()
    assert api.title == "3.0"


def test_a_record_renamed_out_of_its_program_is_not_made_again() -> None:
    members = [{"ref": "github:acme/api"}, {"ref": "jira:API", "title": "^web (?P<key>.+)$"}]
    company = Company(programs=[{"name": "p", "members": members}], sync={"create": ["jira"]})
    company.github.add("acme/api", "2.0")
    company.settled()
    (version,) = company.jira.boxes["API"].records.values()
    version.title = "mobile 2.0"
    company.settled()
    assert [held.title for held in company.jira.boxes["API"].records.values()] == ["mobile 2.0"]


def test_what_vanished_can_be_let_go_and_is_still_not_made_again() -> None:
    company = Company(sync={"create": ["jira"], "on_delete": "unlink"})
    company.github.add("acme/api", "v2.0")
    company.settled()
    company.jira.boxes["API"].records.clear()
    assert lacks(company.settled()) == []
    assert company.jira.boxes["API"].records == {}


def test_a_version_that_people_make_again_takes_its_place() -> None:
    company = Company()
    company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    company.jira.add("API", "2.0")
    company.settled()
    company.jira.boxes["API"].records.clear()
    again = company.jira.add("API", "2.0")
    assert lacks(company.settled()) == []
    assert again.due == date(2026, 12, 1)


def test_the_actual_date_of_a_release_is_kept_and_no_re_plan() -> None:
    company = Company(sync={"fields": {"state": "jira"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    version.closed, version.due = True, date(2026, 11, 20)
    found = company.settled()
    assert (api.closed, api.due, version.due) == (True, date(2026, 12, 1), date(2026, 11, 20))
    (milestone,) = found.milestones
    assert (milestone.due, len(milestone.dues)) == (date(2026, 12, 1), 1)


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_actual_date_that_is_written_after_the_release_is_no_re_plan_either(by_hand: bool) -> None:
    company = Company(sync={"fields": {"state": "github"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.closed = True
    company.settled()
    version.due = date(2026, 11, 20)
    company.settled()
    assert (version.closed, version.due) == (True, date(2026, 11, 20))
    api.closed, version.closed = False, not by_hand
    company.settled()
    assert (version.closed, api.due, version.due) == (False, date(2026, 12, 1), date(2026, 12, 1))


def test_an_actual_date_and_the_reopening_between_two_runs_are_no_re_plan() -> None:
    company = Company(sync={"fields": {"state": "github"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.closed = True
    company.settled()
    version.due, api.closed = date(2026, 11, 20), False
    company.settled()
    assert (version.closed, api.due, version.due) == (False, date(2026, 12, 1), date(2026, 12, 1))


def test_a_conflict_outlives_a_closing() -> None:
    company = Company(sync={"fields": {"state": "github:acme/web"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    web = company.github.add("acme/web", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.due, version.due, web.closed = date(2026, 12, 2), date(2026, 12, 3), True
    company.settled()
    assert api.closed
    assert version.closed
    web.closed = False
    assert [each.field for each in company.settled().conflicts] == ["due"]
    assert (api.due, version.due) == (date(2026, 12, 2), date(2026, 12, 3))


@pytest.mark.parametrize("create", [(), ("jira", "github:acme/web")])
def test_a_version_that_was_archived_is_said_and_follows_once_it_is_unarchived(create: tuple[str, ...]) -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    version.archived = True
    company.settings = company.settings.model_copy(update={"sync": Sync(create=create)})
    ((container, why),) = lacks(company.settled())
    assert (container, "was archived, and is read-only" in why) == ("jira:API", True)
    api.due, api.title = date(2026, 12, 24), "v2.1"
    company.settled()
    assert (version.title, version.due) == ("2.0", date(2026, 12, 1))
    version.archived = False
    found = company.settled()
    assert lacks(found) == []
    assert found.conflicts == ()
    assert (version.title, version.due, api.title, api.due) == ("v2.1", date(2026, 12, 24), "v2.1", date(2026, 12, 24))
    assert len(company.jira.boxes["API"].records) == 1


@pytest.mark.parametrize("public_differ", [True, False])
def test_a_public_block_tells_of_a_conflict_of_public_records_alone(public_differ: bool) -> None:
    company = Company()
    records = [company.github.add(box, "v2.0", due=date(2027, 2, 1)) for box in ("acme/api", "acme/web")]
    version = company.jira.add("API", "2.0", due=date(2027, 2, 1))
    for box in company.github.boxes.values():
        box.public = True
    company.settled()
    (records[0] if public_differ else version).due = date(2027, 2, 3)
    records[1].due = date(2027, 2, 4)
    if not public_differ:
        records[0].due = date(2027, 2, 4)
    assert len(company.settled().conflicts) == 1
    assert [("at risk" in str(each.description)) for each in records] == [public_differ] * 2


def test_only_dates_that_were_settled_are_due_dates_that_it_has_had() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    version.due = date(2026, 12, 9)
    for day in (2, 3, 4):
        api.due = date(2026, 12, day)
        (milestone,) = company.settled().milestones
        assert [due for due, _ in milestone.dues] == [date(2026, 12, 1)]
    api.due = version.due
    company.settled()
    (milestone,) = company.plan().milestones
    assert [due for due, _ in milestone.dues] == [date(2026, 12, 1), date(2026, 12, 9)]


def test_the_reason_for_a_change_names_a_record_of_the_side_that_leads() -> None:
    company = Company(sync={"fields": {"due": "jira"}})
    company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    company.github.add("acme/web", "v2.0")
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    (why,) = {change.why for change in company.plan().changes if change.field == "due"}
    assert why == f"as jira:API#{version.number} has it"


def test_titles_that_are_swapped_are_withheld_and_nothing_fails() -> None:
    company = Company()
    one, two = (company.github.add("acme/api", title) for title in ("1.0", "2.0"))
    versions = [company.jira.add("API", title) for title in ("1.0", "2.0")]
    company.settled()
    one.title, two.title = two.title, one.title
    found = run.sync(company.plan(), company.connectors, lambda _: None)
    swapped = [change for change in found.changes if change.field == "title"]
    assert {change.outcome for change in found.changes} == {"withheld"}
    assert all("swap their titles" in change.answer for change in swapped)
    assert exit_status(found, FailOn.NEVER) == INCOMPLETE
    versions[0].title = "in between"
    versions[1].title = "1.0"
    versions[0].title = "2.0"
    company.settled()
    assert [version.title for version in versions] == ["2.0", "1.0"]


def test_a_field_that_a_container_leads_follows_it() -> None:
    company = Company(sync={"fields": {"due": "jira:API", "title": "github"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.due, version.title = date(2026, 12, 24), "3.0"
    company.settled()
    assert (api.due, version.title) == (date(2026, 12, 1), "v2.0")
    version.due = None
    company.settled()
    assert api.due is None


def test_more_than_the_limits_allow_is_refused_as_a_whole() -> None:
    company = Company(limits={"adopt": 1000, "changes": 2, "share": 1.0}, sync={"create": ["jira"]})
    for number in range(3):
        company.github.add("acme/api", f"{number}.0")
    found = company.plan()
    assert [(each.program, each.limit, each.count) for each in found.refused] == [("platform", "changes", 3)]
    run.sync(found, company.connectors, lambda _: None)
    assert (company.github.writes, company.jira.writes) == ([], [])
    shares = Company(limits={"adopt": 1000, "share": 0.3}, sync={"create": ["jira"]})
    for number in range(11):
        shares.github.add("acme/api", f"{number}.0")
    assert [each.limit for each in shares.plan().refused] == ["share"]


@pytest.mark.parametrize("number", range(3))
def test_a_keeper_that_vanished_is_not_made_again_though_a_public_mark_cannot_tell_of_it(number: int) -> None:
    company = Company(sync={"create": ["github"]})
    company.github.boxes["acme/api"].public = True
    company.github.add("acme/api", "v2.0")
    company.github.add("acme/web", "v2.0")
    company.jira.add("API", "v2.0")
    company.settled()
    company.github.boxes["acme/web"].records.clear()
    killed_at(number, company)
    found = company.settled()
    assert company.github.boxes["acme/web"].records == {}
    assert [milestone.rebuilt for milestone in found.milestones] == [True]


def test_what_vanished_long_before_memory_was_lost_is_not_made_again() -> None:
    company = Company(sync={"create": ["jira"]})
    api = company.github.add("acme/api", "v2.0")
    company.github.add("acme/web", "v2.0")
    company.settled()
    company.jira.boxes["API"].records.clear()
    company.settled()
    api.description = None
    found = company.settled()
    assert company.jira.boxes["API"].records == {}
    assert [container for container, _ in lacks(found)] == ["jira:API"]


def test_a_record_is_created_with_the_start_date_that_it_would_follow() -> None:
    members = [{"ref": "github:acme/api"}, {"ref": "jira:API"}, {"ref": "jira:WEB"}]
    sync = {"create": ["jira:WEB"], "create_from": ["github"], "fields": {"start": "jira:API"}}
    company = Company(programs=[{"name": "p", "members": members}], sync=sync)
    company.jira.box("WEB")
    company.github.add("acme/api", "v2.0")
    company.jira.add("API", "2.0", start=date(2026, 11, 2))
    company.settled()
    (version,) = company.jira.boxes["WEB"].records.values()
    assert version.start == date(2026, 11, 2)


def test_nothing_of_a_program_is_written_while_one_of_its_milestones_has_had_what_no_listing_has() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "github:acme/*"}, {"ref": "jira:API"}]}])
    company.github.add("acme/api", "v2.0")
    company.github.add("acme/web", "v2.0")
    company.github.add("acme/api", "v3.0")
    company.jira.add("API", "v3.0")
    company.settled()
    company.github.boxes["acme/api"].listed = False
    found = company.settled()
    assert [each.container for each in found.unread] == ["github:acme/api"]
    assert [each.what for each in found.withheld] == ["the status of p/2.0", "the status of p/3.0"]


def test_a_leading_project_still_leads_under_another_key() -> None:
    company = Company(sync={"create": ["github:acme/web"], "fields": {"due": "jira:API"}})
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.jira.rename("API", "NEW")
    company.github.rename("acme/web", "acme/site")
    company.settled()
    (site,) = company.github.boxes["acme/site"].records.values()
    version.due = date(2026, 12, 24)
    company.settled()
    assert api.due == site.due == date(2026, 12, 24)


@pytest.mark.parametrize("number", range(6))
def test_two_milestones_that_come_to_share_a_title_stay_one_wherever_the_run_dies(number: int) -> None:
    company = Company()
    company.github.add("acme/api", "2.0")
    company.github.add("acme/web", "1.0")
    version = company.jira.add("API", "1.0")
    company.settled()
    version.title = "2.0"
    killed_at(number, company)
    (milestone,) = company.settled().milestones
    assert len(milestone.records) == 3


def test_who_kept_the_memory_and_was_away_does_not_bring_back_what_it_knew_then() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    web = company.github.add("acme/web", "v2.0")
    company.settled()
    api.closed = True
    company.settled()
    later = NOW + timedelta(days=120)
    company.settled(later)
    web.due = date(2027, 6, 1)
    company.settled(later)
    api.closed = False
    (milestone,) = company.settled(later).milestones
    assert [day for day, _ in milestone.dues][:2] == [date(2026, 12, 1), date(2027, 6, 1)]
    assert [each.field for each in milestone.conflicts] == ["due"]


def test_a_copied_line_takes_no_milestone_of_its_memory_while_that_one_is_ambiguous() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}, {"ref": "jira:WEB"}]}])
    company.jira.box("WEB")
    first = company.jira.add("API", "1.0", due=date(2026, 12, 1))
    web = company.jira.add("WEB", "1.0")
    company.jira.add("API", "2.0")
    company.settled()
    del company.jira.boxes["API"].records[first.number]
    again = company.jira.add("API", "1.0")
    company.settled()
    company.jira.add("API", "v1.0", description=again.description)
    web.title = "2.0"
    company.sync()
    web.title = "1.0"
    again.due = date(2026, 12, 24)
    company.sync()
    again.title = "5.0"
    company.settled()
    assert (web.title, web.due) == ("5.0", date(2026, 12, 24))


def test_a_title_that_a_side_leads_to_meets_another_milestone_before_anything_is_renamed() -> None:
    company = Company(sync={"fields": {"title": "github:acme/web"}})
    first = company.github.add("acme/api", "1.0")
    company.github.add("acme/api", "2.0")
    web = company.github.add("acme/web", "2.0")
    company.settled()
    web.title = "1.0"
    found = company.plan()
    assert [each.ambiguous for each in found.milestones] == [True]
    first.title = "0.9"
    company.settled()
    assert [held.title for held in company.github.boxes["acme/api"].records.values()] == ["0.9", "1.0"]


def test_a_closed_record_does_not_say_what_a_milestone_is_called_whose_memory_was_lost() -> None:
    company = Company(sync={"create": ["github:acme/web"]})
    company.github.add("acme/api", "1.0")
    web = company.github.add("acme/web", "1.0")
    version = company.jira.add("API", "1.0")
    company.settled()
    web.closed, version.title = True, "2.0"
    company.settled()
    company.github.boxes["acme/api"].records.clear()
    company.github.add("acme/api", "2.0")
    (milestone,) = company.settled().milestones
    assert len(milestone.records) == 3


def test_a_date_that_is_corrected_once_all_is_closed_is_no_new_plan_when_it_is_opened_again() -> None:
    company = Company()
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    api.closed = version.closed = True
    company.settled()
    version.due = date(2026, 12, 24)
    company.settled()
    api.closed = version.closed = False
    company.settled()
    assert api.due == version.due == date(2026, 12, 1)


def test_what_a_pattern_leaves_over_is_remembered_as_well() -> None:
    members = [{"ref": "github:acme/api"}, {"ref": "jira:API", "title": "^web (?P<key>.+)$"}]
    company = Company(programs=[{"name": "p", "members": members}])
    company.jira.add("API", "leftover", due=date(2026, 12, 1))
    company.settled()
    assert list(company.jira.boxes["API"].notes) == ["mdpc.own.0"]
    assert not any(milestone.forgotten for milestone in company.settled().milestones)


def test_a_milestone_that_is_closed_and_renamed_is_not_taken_for_an_open_one_of_that_title() -> None:
    company = Company(sync={"fields": {"state": "github"}})
    open_one = company.github.add("acme/api", "v1.0")
    leader = company.github.add("acme/web", "v2.0")
    version = company.jira.add("API", "2.0")
    company.settled()
    leader.closed, leader.title = True, "v1.0"
    company.settled()
    found = company.settled()
    assert version.closed
    assert not any(milestone.ambiguous for milestone in found.milestones)
    assert sorted(len(milestone.records) for milestone in found.milestones) == [1, 2]
    assert (open_one.title, open_one.closed) == ("v1.0", False)
