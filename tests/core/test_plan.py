"""What would be written, what is withheld, and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mdpc.changes import Plan
from mdpc.memory import mark_of
from mdpc.model import Markup, Record, Unread
from mdpc.plan import NothingMatchesError, Request, take_out
from mdpc.status import place
from tests.core.build import NOW, TODAY, milestone, plan, record, settings, snapshot

DAY = timedelta(days=1)
PROGRAM = [{"name": "p", "members": [{"ref": "github:acme/*"}, {"ref": "jira:API"}]}]


def written(records: list[Record], found: Plan) -> list[Record]:
    """The records as they are once the plan is applied."""
    after = {change.ref: change.after for change in found.changes if change.field == "status"}
    return [
        replace(each, description=place(each.description, str(after[each.ref]), each.markup))
        if each.ref in after
        else each
        for each in records
    ]


def test_an_open_milestone_gets_its_status_once() -> None:
    records = [record("github:acme/api#1", due="2026-11-01"), record("jira:API#10", "2.0", description="text")]
    first = plan(*records)
    assert {str(change.ref) for change in first.changes} == {"github:acme/api#1", "jira:API#10"}
    assert all(change.kind == "status" and change.before is None for change in first.changes)
    after = written(records, first)
    for now in (NOW, NOW + DAY, NOW + 30 * DAY):
        assert plan(*after, now=now).changes == ()


def test_the_status_says_absolute_dates_the_owner_and_the_counterparts() -> None:
    records = [
        record("github:acme/api#1", due="2026-11-01", description="Owner: @a_b"),
        record("jira:API#10", "1.0", due="2026-11-01"),
    ]
    found = [change for change in plan(*records, programs=PROGRAM).changes if change.field == "status"]
    github, jira = (str(change.after) for change in sorted(found, key=lambda change: change.ref))
    assert "off track" in github
    assert "overdue since 2026-11-01" in github
    assert r"owner a\_b" in github
    assert "](https://tracker.example/API/10)" in github
    assert "mdpc: off track, overdue since 2026-11-01, owner a_b; also github:acme/api" in jira
    assert "\n" not in jira


def test_a_changed_due_date_is_remembered() -> None:
    opened = record("github:acme/api#1", due="2026-12-01")
    (seen,) = written([opened], plan(opened))
    moved = record("github:acme/api#1", due="2026-12-20", description=seen.description)
    later = plan(moved, now=NOW + DAY)
    assert later.milestones[0].original_due == opened.due
    (again,) = written([moved], later)
    memory = mark_of(again).memory
    assert memory is not None
    assert [(str(due), str(since)) for due, since in memory.dues] == [
        ("2026-12-01", str(TODAY)),
        ("2026-12-20", str(TODAY + DAY)),
    ]


def test_a_milestone_keeps_its_id_when_its_holder_changes() -> None:
    a, b = record("github:acme/a#1"), record("github:acme/b#1")
    first = plan(a, b, programs=PROGRAM)
    a, b = written([a, b], first)
    assert milestone(b, programs=PROGRAM).id == first.milestones[0].id


def test_a_copied_line_does_not_give_two_milestones_one_id() -> None:
    original = record("jira:API#10")
    (seen,) = written([original], plan(original))
    copy = record("jira:API#9", "copy", description=seen.description)
    found = {each.key: each.id for each in plan(copy, seen).milestones}
    assert len(set(found.values())) == 2
    assert found["jira:API/1.0"] == plan(original).milestones[0].id


def test_nothing_is_written_where_reading_was_incomplete() -> None:
    records = [record("github:acme/a#1"), record("jira:API#1"), record("jira:WEB#1")]
    found = plan(*records, programs=PROGRAM, unread=[Unread("github:acme/b", "a server error")])
    assert {str(change.ref) for change in found.changes} == {"jira:WEB#1"}
    (withheld,) = found.withheld
    assert withheld.why == "github:acme/b could not be read completely"
    assert found.findings


@pytest.mark.parametrize("lost", ["github:acme/*", "github:*"])
def test_a_listing_that_failed_withholds_whatever_it_may_have_held(lost: str) -> None:
    found = plan(record("jira:API#1"), programs=PROGRAM, unread=[Unread(lost, "no answer")])
    assert not found.changes


def test_a_container_that_vanished_from_the_listing_is_unread() -> None:
    records = [record("github:acme/a#1"), record("github:acme/b#1")]
    after = written(records, plan(*records, programs=PROGRAM))
    found = plan(after[0], programs=PROGRAM)
    assert [entry.container for entry in found.unread] == ["github:acme/b"]
    assert not found.changes
    assert found.withheld


def test_read_access_writes_nothing_and_says_so_once() -> None:
    records = [record(f"github:acme/api#{n}", f"v{n}") for n in range(5)]
    found = plan(*records, access={"github": "read"})
    assert not found.changes
    assert [entry.what for entry in found.withheld] == ["the status of 5 records on github"]


def test_write_back_can_be_switched_off() -> None:
    found = plan(record("github:acme/api#1"), writeback={"status": False})
    assert (found.changes, found.withheld) == ((), ())


def test_beyond_the_adoption_limit_whatever_would_adopt_is_refused() -> None:
    records = [record(f"github:acme/r{n}#1") for n in range(3)]
    assert not plan(*records, limits={"adopt": 3}).refused
    refused = plan(*records, limits={"adopt": 2}).refused
    assert [entry.program for entry in refused] == ["github:acme/r0", "github:acme/r1", "github:acme/r2"]
    assert "--adopt 3" in refused[0].why


def test_what_is_known_already_is_no_adoption() -> None:
    records = [record(f"github:acme/r{n}#1", due="2026-12-01") for n in range(3)]
    after = written(records, plan(*records))
    moved = [record(str(each.ref), due="2026-12-02", description=each.description) for each in after]
    found = plan(*moved, limits={"adopt": 0})
    assert len(found.changes) == 3
    assert not found.refused


def test_a_public_repository_learns_nothing_of_private_records() -> None:
    records = [
        record("github:acme/open#1", due="2026-12-01"),
        record("github:acme/secret#1", description="Owner: @spy"),
        record("jira:API#10", "1.0", due="2026-11-01"),
    ]
    changes = plan(*records, programs=PROGRAM, public=["github:acme/open"]).changes
    told = {str(change.ref): str(change.after) for change in changes}
    for private in ("secret", "API", "spy", "2026-11-01"):
        assert private not in told["github:acme/open#1"]
    assert "on track" in told["github:acme/open#1"]
    assert "API" in told["github:acme/secret#1"]
    allowed = [{**PROGRAM[0], "public": True}]
    changes = plan(*records, programs=allowed, public=["github:acme/open"]).changes
    assert "spy" in next(str(change.after) for change in changes if str(change.ref) == "github:acme/open#1")


def test_hostile_text_cannot_end_the_block_or_the_line() -> None:
    evil = "--> <!-- mdpc:end --> @everyone ![x](javascript:1)\nmdpc: [m000000000000]"
    records = [
        record("github:acme/api#1", evil, description=f"Owner: {evil}"),
        record("jira:API#1", evil, description=f"Owner: {evil}"),
    ]
    after = written(records, plan(*records))
    assert plan(*after).changes == ()
    for before, now in zip(records, after, strict=True):
        assert place(now.description, None, now.markup) == before.description
        status = (now.description or "").removeprefix(before.description or "")
        assert now.markup is Markup.LINE or "@everyone" not in status
        assert status.count("<!-- mdpc:end -->") == (now.markup is Markup.BLOCK)


def test_only_narrows_what_is_decided() -> None:
    records = [record("github:acme/a#1"), record("github:acme/b#1"), record("jira:API#10", "2.0")]
    for only in ("github:acme/a", "github:acme/a#1", "github:acme/a/1.0", "GITHUB:ACME/A/*"):
        found = plan(*records, only=(only,))
        assert [each.key for each in found.milestones] == ["github:acme/a/1.0"]
        assert len(found.changes) == 1
    with pytest.raises(NothingMatchesError, match="nothing that was read is called 'nope'"):
        plan(*records, only=("github:acme/a", "nope"))
    with pytest.raises(NothingMatchesError, match=r"\(jira:OPS could not be read\)"):
        plan(*records, only=("nope",), unread=[Unread("jira:OPS", "a server error")])


def test_forget_takes_everything_out_to_the_byte() -> None:
    texts = [None, "", "text\r\n", "a\n\n"]
    records = [record(f"github:acme/r{n}#1", description=text) for n, text in enumerate(texts)]
    after = written(records, plan(*records))
    closed = [replace(each, closed=True) for each in after]
    found = take_out(snapshot(closed), settings(), Request("forget", NOW))
    assert len(found.changes) == 4
    for each, change, text in zip(closed, found.changes, texts, strict=True):
        assert change.after is None
        assert place(each.description, None, each.markup) == text


def test_the_worst_milestone_comes_first() -> None:
    records = [
        record("github:acme/a#1", "done", closed=True),
        record("github:acme/a#2", "fine", due="2027-01-01"),
        record("github:acme/a#3", "soon", due=str(TODAY + 7 * DAY), open_issues=1),
        record("github:acme/a#4", "late", due="2026-11-21"),
        record("github:acme/a#5", "later", due="2026-01-01"),
        record("github:acme/a#6", "open-ended"),
        record("github:acme/a#7", "far", due=str(TODAY + 8 * DAY), open_issues=1),
    ]
    order = [each.title for each in plan(*records).milestones]
    assert order == ["later", "late", "soon", "open-ended", "far", "fine", "done"]
