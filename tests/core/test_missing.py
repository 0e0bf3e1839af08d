"""What marks name and the reading lacks, what was renamed, and what may be told where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdpc.changes import Plan
from mdpc.installed import installed_rules
from mdpc.judge import Policy
from mdpc.matching import may_overlap
from mdpc.memory import mark_of
from mdpc.model import ContainerRef, Record, Ref, Skipped, Unread
from mdpc.plan import Request, decide, take_out
from mdpc.snapshot import Snapshot
from mdpc.status import find
from tests.core.build import NOW, TODAY, plan, record, settings, snapshot
from tests.core.test_in_step import Company
from tests.core.test_plan import PROGRAM, written

DAY = timedelta(days=1)


def seen(*records: Record, **options: object) -> list[Record]:
    """The records once a first plan was applied."""
    return written(list(records), plan(*records, programs=PROGRAM, **options))  # type: ignore[arg-type]


def decided(found: Snapshot, **tables: object) -> Plan:
    policy = Policy(settings(programs=PROGRAM, **tables), installed_rules())
    return decide(found, policy, Request("plan", NOW))


def renamed(each: Record, to: str) -> Record:
    return replace(each, ref=Ref.parse(to))


def test_a_record_that_is_no_longer_read_is_not_forgotten_by_a_day_passing() -> None:
    still_open, closed = seen(record("github:acme/a#1"), record("github:acme/b#1", due="2027-01-01"))
    found = plan(still_open, record("github:acme/b#2", "other"), programs=PROGRAM, now=NOW + 100 * DAY)
    (milestone,) = (each for each in found.milestones if each.key == "p/1.0")
    assert [lack.container for lack in milestone.lacks] == ["github:acme/b"]
    assert "github:acme/b#1 is gone" in milestone.lacks[0].why
    assert "2027-01-01" in str(next(change.after for change in found.changes if change.ref == still_open.ref))
    assert closed.due is not None


def test_a_vanished_container_withholds_its_program_and_no_other() -> None:
    records = seen(record("github:acme/a#1"), record("github:acme/b#1"))
    found = plan(records[0], record("github:acme/a#2", "other"), record("github:other/a#1"), programs=PROGRAM)
    assert [entry.container for entry in found.unread] == ["github:acme/b"]
    assert [str(change.ref) for change in found.changes] == ["github:other/a#1"]
    assert [entry.what for entry in found.withheld] == ["the status of p/1.0", "the status of p/other"]


def test_the_remedy_for_a_vanished_container_works() -> None:
    records = seen(record("github:acme/a#1"), record("github:acme/b#1"))
    found = take_out(snapshot([records[0]]), settings(programs=PROGRAM), Request("forget", NOW, only=("p/1.0",)))
    (forgotten,) = (replace(records[0], description=None) for change in found.changes if change.after is None)
    again = plan(forgotten, programs=PROGRAM)
    assert (again.unread, len(again.changes)) == ((), 1)


def test_an_optional_container_that_vanished_is_optional() -> None:
    records = seen(record("github:acme/a#1"), record("github:acme/b#1"))
    whole = settings(programs=PROGRAM)
    optional = whole.connectors["github"].model_copy(update={"optional": ("acme/b",)})
    lenient = whole.model_copy(update={"connectors": {**whole.connectors, "github": optional}})
    found = decide(snapshot([records[0]]), Policy(lenient, installed_rules()), Request("plan", NOW))
    assert [entry.optional for entry in found.unread] == [True]


def test_what_a_skipped_container_holds_is_not_missing() -> None:
    records = seen(record("github:acme/a#1"), record("github:acme/b#1"))
    read = snapshot([records[0]])
    github, jira = read.readings
    archived = replace(github, skipped=(Skipped("github:acme/b", "archived"),))
    found = decided(Snapshot((archived, jira)))
    assert (found.unread, found.withheld) == ((), ())


def test_a_repository_renamed_inside_a_glob_is_known_by_its_own_mark() -> None:
    a, b = seen(record("github:acme/a#1"), record("github:acme/b#7"))
    found = plan(renamed(a, "github:acme/z#1"), b, programs=PROGRAM)
    assert found.unread == ()
    assert len(found.milestones) == 1
    assert {str(change.ref) for change in found.changes} == {"github:acme/z#1", "github:acme/b#7"}


def test_a_member_renamed_at_its_tracker_stays_where_it_belongs() -> None:
    programs = [{"name": "app", "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web"}]}]
    first = plan(record("github:acme/api#1"), record("github:acme/web#1"), programs=programs)
    api, web = written([record("github:acme/api#1"), record("github:acme/web#1")], first)
    read = snapshot([renamed(api, "github:acme/api2#1"), web])
    github, jira = read.readings
    pairs = ((ContainerRef("github", "acme/api"), ContainerRef("github", "acme/api2")),)
    skipped = (Skipped("github:acme/api", "renamed to acme/api2"),)
    told = Snapshot((replace(github, renamed=pairs, skipped=skipped), jira))
    found = decide(told, Policy(settings(programs=programs), installed_rules()), Request("plan", NOW))
    (milestone,) = found.milestones
    assert (milestone.key, milestone.id) == ("app/1.0", first.milestones[0].id)
    assert str(milestone.holder.ref) == "github:acme/api2#1"
    assert found.unread == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("github:acme/*-web", "github:acme/x-*", True),
        ("github:acme/*", "github:other/*", False),
        ("github:acme/a*", "github:acme/b*", False),
        ("github:acme/*a", "github:acme/*b", False),
        ("github:acme/api", "github:acme/*", True),
        ("github:*", "github:acme/api", True),
        ("github:acme/a", "github:acme/b", False),
    ],
)
def test_globs_may_mean_the_same(one: str, other: str, expected: bool) -> None:
    assert may_overlap(one, other) is may_overlap(other, one) is expected


def test_a_listing_that_overlaps_with_a_members_glob_withholds() -> None:
    programs = [{"name": "p", "members": [{"ref": "github:acme/a"}, {"ref": "github:acme/*-web"}]}]
    found = plan(record("github:acme/a#1"), programs=programs, unread=[Unread("github:acme/x-*", "no answer")])
    assert not found.changes


def test_a_private_due_date_reaches_neither_a_public_text_nor_its_memory() -> None:
    programs = [{**PROGRAM[0], "home": "github:acme/open"}]
    records = [record("github:acme/open#1"), record("jira:API#1", "1.0", due="2027-03-17")]
    off = {"fields": {"due": "off"}}
    found = plan(*records, programs=programs, public=["github:acme/open"], sync=off)
    public = next(str(change.after) for change in found.changes if str(change.ref) == "github:acme/open#1")
    assert "2027-03-17" not in public
    assert found.milestones[0].due == records[1].due
    after = written(records, found)
    again = plan(*after, programs=programs, public=["github:acme/open"], sync=off, now=NOW + DAY)
    assert {change.field for change in again.changes} <= {"link"}


def test_what_public_marks_know_does_not_mislead_private_ones() -> None:
    programs = [{**PROGRAM[0], "home": "jira:API"}]
    records = [
        record("github:acme/open#1", due="2027-01-01"),
        record("github:acme/secret#1"),
        record("jira:API#1", "1.0", due="2026-11-25"),
    ]
    after = written(records, plan(*records, programs=programs, public=["github:acme/open"]))
    for days in range(3):
        again = plan(*after, programs=programs, public=["github:acme/open"], now=NOW + days * DAY)
        assert {change.field for change in again.changes if change.kind not in ("issue", "comment")} <= {"due", "link"}


def test_a_title_shared_by_very_many_is_not_told_in_full_in_each() -> None:
    records = [record(f"github:acme/r{number}#1") for number in range(300)]
    found = plan(*records, programs=PROGRAM, limits={"adopt": 300})
    texts = [str(change.after) for change in found.changes]
    assert all("and 279 more" in text for text in texts)
    assert sum(len(text) > 8000 for text in texts) == 1, "the keeper alone remembers all"
    assert plan(*written(records, found), programs=PROGRAM).changes == ()


def test_more_than_a_property_holds_is_withheld_and_costs_no_other_milestone() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:*"}, {"ref": "jira:PRODUCT0"}]}])
    for number in range(600):
        company.jira.box(f"PRODUCT{number}")
        company.jira.add(f"PRODUCT{number}", "v2.0")
    company.jira.add("PRODUCT0", "v3.0")
    company.jira.add("PRODUCT1", "v3.0")
    found = company.settled()
    assert {change.milestone for change in found.changes} <= {"p/3.0", ""}
    assert any(change.field == "memory" for change in found.changes)
    (withheld,) = found.withheld
    assert withheld.what == "the status of p/2.0"
    assert "its 600 records" in withheld.why


@pytest.mark.parametrize("text", ["cut \ud83d", "\ud800", "<!--" * 16_000, "<!-- mdpc:memory {" * 4000])
def test_no_description_stops_a_run(text: str) -> None:
    records = [record("jira:API#1", description=text), record("github:acme/a#1", "x\ud800", description=text)]
    found = plan(*records)
    assert len(found.changes) + len(found.withheld) == 2


def test_a_description_at_jiras_limit_is_withheld() -> None:
    fits = plan(record("jira:API#1", description="x" * 16_000))
    assert len(fits.changes) == 1
    full = plan(record("jira:API#1", description="é" * 8_190))
    assert not full.changes
    assert "16384 bytes" in full.withheld[0].why


def test_a_pasted_second_block_is_cleared_away_and_costs_no_memory() -> None:
    (known,) = written([record("github:acme/a#1", due="2026-12-01")], plan(record("github:acme/a#1", due="2026-12-01")))
    (foreign,) = written([record("github:x/y#9")], plan(record("github:x/y#9")))
    pasted = replace(known, due=TODAY + 40 * DAY, description=f"{known.description}\n\n{foreign.description}")
    found = plan(pasted)
    assert str(found.milestones[0].original_due) == "2026-12-01"
    (mended,) = written([pasted], found)
    assert plan(mended).changes == ()
    assert str(find(mended.description, mended.markup)).count("mdpc:begin") == 1
    assert mark_of(mended) is not None


def test_two_milestones_never_share_an_id() -> None:
    records = [
        record("github:acme/b#1", "1", closed=True),
        record("github:acme/b#2", "1", closed=True),
        record("github:acme/b#3", "1@github:acme/b#1"),
    ]
    found = plan(*records).milestones
    assert len({each.id for each in found}) == 3
