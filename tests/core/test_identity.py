"""Which marks are believed: copied, forged, overwritten and left over ones, and what memory says without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.identity import Known
from mdpc.identity import known_of as known_with
from mdpc.memory import (
    LATER,
    NOTES,
    Agreed,
    Memory,
    Presence,
    Remembered,
    comment,
    container_print,
    milestone_id,
    print_of,
)
from mdpc.model import Milestone, Record
from mdpc.notebook import Notebook
from mdpc.status import BEGIN, END
from tests.core.build import container, record
from tests.core.test_in_step import Company

HOLDER = record("github:acme/api#1", uid="A")
MIRROR = record("github:acme/web#2", uid="B")
VERSION = record("jira:API#7", uid="7")
STRANGER = record("github:acme/api#9", "other", uid="Z")
ID = milestone_id(HOLDER)
FORGED = "m000000000000"


def members(*records: Record, standing: Presence = "open") -> tuple[Remembered, ...]:
    return tuple(
        Remembered(print_of(each), container_print(each.ref.container.connector, "box"), standing, each.ref)
        for each in records
    )


def block(of: Record, memory: Memory | None, *, uid: str | None = None) -> Record:
    """The record with a mark in its block; `uid` is whom the mark says it stands on."""
    text = comment(replace(memory, uid=of.uid if uid is None else uid)) if memory else "**mdpc:** on track"
    return replace(of, description=f"text\n\n{BEGIN}\n{text}\n{END}")


def line(of: Record, identity: str) -> Record:
    return replace(of, description=f"text\nmdpc: on track, no owner [{identity}]")


def keeper(*of: Record, identity: str = ID) -> Memory:
    return Memory(identity, members=members(*of), base={"title": Agreed("v1.0")})


def mirror(of: Record, *known: Record, identity: str = ID) -> Memory:
    """What the marks say that are not the keeper's."""
    return Memory(identity, keeper=print_of(of), members=members(*known))


def notes(*memories: Memory) -> Notebook:
    return Notebook(container("jira:API"), "p", memories={each.id: each for each in memories})


def known_of(records: Sequence[Record], notebook: Notebook | None) -> Known:
    """What is known where no ledger is."""
    return known_with(records, notebook, {})


def ids(known: Known) -> dict[str, str]:
    return {str(ref): identity for ref, identity in known.ids.items()}


def test_without_marks_nothing_is_known() -> None:
    assert ids(known_of([HOLDER, MIRROR, VERSION], None)) == {}


def test_a_keeper_and_its_mirrors_are_one_milestone_whatever_they_are_called() -> None:
    trio = [HOLDER, replace(MIRROR, title="renamed"), VERSION]
    found = known_of(
        [block(HOLDER, keeper(*trio)), block(trio[1], mirror(HOLDER, *trio)), line(VERSION, ID), STRANGER], None
    )
    assert ids(found) == {"github:acme/api#1": ID, "github:acme/web#2": ID, "jira:API#7": ID}
    assert found.memory[ID].prints == {print_of(each) for each in trio}
    assert found.lost == {}


def test_the_keepers_memory_knows_records_whose_marks_are_gone_or_overwritten() -> None:
    overwritten = block(MIRROR, keeper(STRANGER, identity=milestone_id(STRANGER)), uid=STRANGER.uid)
    found = known_of([block(HOLDER, keeper(HOLDER, MIRROR, VERSION)), overwritten, VERSION], None)
    assert ids(found) == {"github:acme/api#1": ID, "github:acme/web#2": ID, "jira:API#7": ID}
    assert found.marks[MIRROR.ref].trouble == "its mark was copied from another milestone"


def test_a_copied_block_makes_no_member() -> None:
    original = block(HOLDER, keeper(HOLDER, MIRROR))
    copied = replace(STRANGER, description=original.description)
    found = known_of([original, copied], None)
    assert STRANGER.ref not in found.ids
    assert found.marks[STRANGER.ref].trouble
    assert found.memory[ID].uid == HOLDER.uid


def test_a_line_that_was_copied_proves_nothing() -> None:
    found = known_of([block(HOLDER, keeper(HOLDER, VERSION)), line(record("jira:API#8", uid="8"), ID)], None)
    assert ids(found) == {"github:acme/api#1": ID}


def test_a_mark_that_the_keeper_does_not_know_makes_no_member() -> None:
    forged = block(STRANGER, mirror(HOLDER, HOLDER, STRANGER))
    assert ids(known_of([block(HOLDER, keeper(HOLDER)), forged], None)) == {"github:acme/api#1": ID}


@pytest.mark.parametrize("order", [1, -1])
def test_a_forged_keeper_is_not_the_keeper(order: int) -> None:
    forged = block(STRANGER, replace(keeper(STRANGER, HOLDER, MIRROR), base={"title": Agreed("evil")}))
    records = [block(HOLDER, keeper(HOLDER, MIRROR)), block(MIRROR, mirror(HOLDER, HOLDER, MIRROR)), forged]
    found = known_of(records[::order], None)
    assert found.memory[ID].base == {"title": Agreed("v1.0")}
    assert ids(found) == {"github:acme/api#1": ID, "github:acme/web#2": ID}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_keepers_that_were_not_there_first_most_others_decide(order: int) -> None:
    """The record that gave rise to the milestone is gone; another keeps it now."""
    first = record("github:acme/gone#1", uid="G")
    identity = milestone_id(first)
    forged = block(STRANGER, keeper(STRANGER, MIRROR, VERSION, identity=identity))
    records = [
        block(HOLDER, keeper(HOLDER, MIRROR, identity=identity)),
        block(MIRROR, mirror(HOLDER, HOLDER, MIRROR, identity=identity)),
        forged,
    ]
    assert known_of(records[::order], None).memory[identity].uid == HOLDER.uid


@pytest.mark.parametrize("identity", [FORGED, "mffffffffffff"])
def test_nobody_takes_a_record_that_names_its_own_milestone(identity: str) -> None:
    """Whoever may edit one description of a program cannot draw other records to it by a forged memory."""
    thief = block(STRANGER, keeper(STRANGER, HOLDER, MIRROR, VERSION, identity=identity))
    trio = [
        block(HOLDER, keeper(HOLDER, MIRROR, VERSION)),
        block(MIRROR, mirror(HOLDER, HOLDER, MIRROR)),
        line(VERSION, ID),
    ]
    assert {ids(known_of([thief, *trio], None))[str(each.ref)] for each in trio} == {ID}


@pytest.mark.parametrize("identity", [FORGED, "mffffffffffff"])
def test_nobody_takes_a_version_that_is_remembered_in_notes(identity: str) -> None:
    known = replace(keeper(VERSION, record("jira:WEB#3", uid="3"), identity=milestone_id(VERSION)))
    thief = block(STRANGER, keeper(STRANGER, VERSION, identity=identity))
    versions = [line(VERSION, known.id), line(record("jira:WEB#3", uid="3"), known.id)]
    found = known_of([thief, *versions], notes(known))
    assert {found.ids[each.ref] for each in versions} == {known.id}
    without_lines = known_of([thief, VERSION], notes(known))
    assert without_lines.ids[VERSION.ref] == known.id


def test_of_two_milestones_that_know_a_record_its_own_mark_decides() -> None:
    other = milestone_id(STRANGER)
    first, second = keeper(HOLDER, MIRROR), keeper(STRANGER, MIRROR, identity=other)
    for named in (ID, other):
        own = Memory(named, keeper="r000000000000", members=())
        found = known_of([block(HOLDER, first), block(STRANGER, second), block(MIRROR, own)], None)
        assert found.ids[MIRROR.ref] == named


def test_a_lost_keeper_leaves_what_the_mirrors_say() -> None:
    """The holder's description was emptied, or the holder is gone: the marks know who belongs, and no base."""
    trio = [HOLDER, MIRROR, record("github:acme/app#3", uid="C")]
    mirrors = [block(each, mirror(HOLDER, *trio)) for each in trio[1:]]
    for records in ([HOLDER, *mirrors], mirrors):
        found = known_of(records, None)
        assert set(found.ids.values()) == {ID}
        assert len(found.ids) == len(records)
        assert found.memory == {}
        assert {each.fingerprint for each in found.lost[ID]} == {print_of(each) for each in trio}


def test_a_damaged_keeper_is_a_lost_one() -> None:
    damaged = block(HOLDER, None)
    found = known_of([damaged, block(MIRROR, mirror(HOLDER, HOLDER, MIRROR))], None)
    assert found.marks[HOLDER.ref].trouble == "the memory in its block is gone or damaged"
    assert found.ids == {HOLDER.ref: ID, MIRROR.ref: ID}
    assert ID in found.lost


def test_a_later_keeper_is_said_to_be_that() -> None:
    later = block(HOLDER, keeper(HOLDER))
    later = replace(later, description=str(later.description).replace('"v":2', '"v":3'))
    mark = known_of([later], None).marks[HOLDER.ref]
    assert (mark.later, mark.trouble, mark.memory) == (True, LATER, None)


def test_notes_count_where_marks_say_so_and_a_keeper_where_not() -> None:
    old, new = keeper(HOLDER), replace(keeper(HOLDER, VERSION), base={"title": Agreed("new")})
    assert known_of([block(HOLDER, old)], notes(new)).memory[ID].base == old.base
    pointing = block(MIRROR, replace(mirror(HOLDER, HOLDER, MIRROR), keeper=NOTES))
    assert known_of([block(HOLDER, old), pointing], notes(new)).memory[ID].base == new.base
    assert known_of([HOLDER], notes(new)).memory[ID].base == new.base


def test_a_member_that_was_let_go_is_none() -> None:
    memory = replace(keeper(HOLDER), members=(*members(HOLDER), *members(MIRROR, standing="unlinked")))
    assert ids(known_of([block(HOLDER, memory), MIRROR], None)) == {"github:acme/api#1": ID}
    assert ids(known_of([HOLDER, MIRROR], notes(memory))) == {"github:acme/api#1": ID}


@pytest.mark.parametrize("standing", ["open", "closed", "past", "vanished"])
def test_a_member_that_is_back_is_one_again(standing: Presence) -> None:
    memory = replace(keeper(HOLDER), members=(*members(HOLDER), *members(MIRROR, standing=standing)))
    assert ids(known_of([block(HOLDER, memory), MIRROR], None)) == {"github:acme/api#1": ID, "github:acme/web#2": ID}


RECORDS = [record(f"github:acme/r{number}#1", uid=f"U{number}") for number in range(4)]
IDENTITIES = [*(milestone_id(each) for each in RECORDS), FORGED]


@st.composite
def marked(draw: st.DrawFn) -> Sequence[Record]:
    """Records with any marks: right, copied, forged, none."""
    found = []
    for each in RECORDS:
        about = Memory(
            draw(st.sampled_from(IDENTITIES)),
            keeper=draw(st.sampled_from(["", NOTES, *map(print_of, RECORDS)])),
            members=members(*draw(st.lists(st.sampled_from(RECORDS), unique=True))),
        )
        whose = draw(st.sampled_from([each.uid, each.uid, RECORDS[0].uid, "U9"]))
        found.append(draw(st.sampled_from([each, block(each, about, uid=whose)])))
    return found


@given(marked())
def test_whatever_marks_say_each_record_is_of_one_milestone_that_knows_it(records: Sequence[Record]) -> None:
    found = known_of(records, None)
    for each in records:
        identity = found.ids.get(each.ref)
        own = found.marks[each.ref].memory
        if identity is not None and identity in found.memory:
            assert print_of(each) in found.memory[identity].prints or found.memory[identity].uid == each.uid
        elif identity is not None:
            known = {member.fingerprint for member in found.lost[identity]}
            assert print_of(each) in known or (own is not None and own.id == identity)
    assert not found.memory.keys() & found.lost.keys()
    for identity, memory in found.memory.items():
        assert any(memory == found.marks[each.ref].memory and memory.id == identity for each in records)


# ── The same over runs ────────────────────────────────────────────────────────────────────────────


def joined(**tables: Any) -> tuple[Company, Any, Any, Any]:
    company = Company(**tables)
    api = company.github.add("acme/api", "v2.0", due=date(2026, 12, 1))
    web = company.github.add("acme/web", "v2.0", due=date(2026, 12, 1))
    version = company.jira.add("API", "2.0", due=date(2026, 12, 1))
    company.settled()
    return company, api, web, version


def one(company: Company) -> Milestone:
    (found,) = (each for each in company.settled().milestones if len(each.records) > 1)
    return found


def test_a_block_that_was_overwritten_with_anothers_costs_nothing() -> None:
    company, api, web, version = joined()
    other = company.github.add("acme/web", "other")
    company.settled()
    web.description, web.title = other.description, "v3.0"
    found = one(company)
    assert [len(found.records), found.title, api.title, version.title] == [3, "v3.0", "v3.0", "v3.0"]
    assert (other.title, found.forgotten) == ("other", False)


def test_a_keeper_that_lost_its_block_costs_the_base_alone() -> None:
    company, api, web, version = joined()
    api.description = None
    web.title = "v3.0"
    found = company.settled()
    (milestone,) = found.milestones
    assert (milestone.forgotten, [each.field for each in milestone.conflicts]) == (True, ["title"])
    assert len(milestone.records) == 3
    assert str(milestone.original_due) == "2026-12-01"
    assert (api.title, web.title, version.title) == ("v2.0", "v3.0", "2.0")
    api.title = version.title = "v3.0"
    assert one(company).conflicts == ()


def test_a_thief_gets_no_version() -> None:
    company = Company(
        programs=[{"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}, {"ref": "jira:WEB"}]}]
    )
    company.jira.box("WEB")
    versions = [company.jira.add("API", "2.0"), company.jira.add("WEB", "2.0")]
    company.settled()
    evil = company.github.add("acme/api", "evil")
    refs = (record("jira:API#1", uid=versions[0].uid), record("jira:WEB#2", uid=versions[1].uid))
    forged = Memory(FORGED, evil.uid, members=members(*refs), base={"title": Agreed("2.0")})
    evil.description = f"{BEGIN}\n{comment(forged)}\n{END}"
    company.settled()
    assert [each.title for each in versions] == ["2.0", "2.0"]
    assert sorted(len(each.records) for each in company.plan().milestones) == [1, 2]
