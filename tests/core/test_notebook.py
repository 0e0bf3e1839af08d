"""Notes: memory by milestone in pages, read, written, and put back as it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.changes import Change, Entry
from mdpc.memory import Agreed, Memory
from mdpc.model import ContainerRef, Reading, Ref
from mdpc.notebook import PAGE, Notebook, entry, notebook_of, places
from mdpc.notes import OWN, canonical, note_key
from mdpc.noting import Noting, without
from mdpc.settings import Program
from mdpc.snapshot import Snapshot
from tests.core.build import container
from tests.core.test_in_step import Company

API = container("jira:API")
PROGRAM = Program.model_validate({"name": "p", "members": [{"ref": "github:acme/a"}, {"ref": "jira:API"}]})
LONGEST_PROPERTY = 32_768
"""Characters that Jira takes in one property."""


def identity(number: int) -> str:
    return f"m{number:012x}"


def memory(number: int, title: str = "v2.0") -> Memory:
    return Memory(identity(number), base={"title": Agreed(title)})


def entries(numbers: Collection[int], title: str = "v2.0") -> dict[str, object]:
    return {identity(number): entry(memory(number, title)) for number in numbers}


def snapshot_of(notes: Mapping[str, Mapping[str, str]], **facts: Any) -> Snapshot:
    by_container = {ContainerRef.parse(name): pages for name, pages in notes.items()}
    return Snapshot((Reading("github"), Reading("jira", notes=by_container, **facts)))


def read(pages: Mapping[str, str], program: Program = PROGRAM, *, own: bool = False) -> Notebook:
    found = notebook_of(program, snapshot_of({"jira:API": pages}), own=own)
    assert found is not None
    return found


def page(milestones: object, **more: object) -> str:
    return canonical({"v": 1, "pages": 1, "milestones": milestones, **more})


def applied(book: Notebook, changes: Collection[Change]) -> dict[str, str]:
    """The pages after these changes, which must find them as they were planned."""
    pages = dict(book.pages)
    for change in changes:
        assert pages.get(change.ref.id) == change.before
        if change.after is None:
            del pages[change.ref.id]
        else:
            pages[change.ref.id] = str(change.after)
    return pages


def noted(book: Notebook, wanted: Mapping[str, object], present: Collection[str] = ()) -> list[Change]:
    """The changes to the pages when these entries are wanted."""
    noting = Noting(book, book.program)
    for name, value in wanted.items():
        noting.note(name, None if value is None else canonical(value), (f"write of {name}",))
    return list(noting.changes(present))


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_is_read() -> None:
    wanted = entries(range(500), "t" * 100)
    pages = Notebook(API, "p").written(wanted)
    book = read(pages)
    assert len(pages) > 1
    assert book.memories == {identity(number): memory(number, "t" * 100) for number in range(500)}
    assert (book.kept, book.later, book.damaged) == (wanted, False, False)
    assert str(book.ref(1)) == "jira:API#mdpc.p.1"


def test_other_programs_notes_are_not_this_ones() -> None:
    pages = {
        note_key(name, 0): page(entries([number]))
        for number, name in enumerate(["p", "pp", "p2", OWN, "own", "a b", "p.0", "other"])
    }
    assert len(pages) == 8
    assert list(read(pages).memories) == [identity(0)]
    assert list(read(pages, own=True).memories) == [identity(3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "null",
        "[]",
        "7",
        "{}",
        '{"v":1}',
        '{"v":"1","milestones":{}}',
        '{"v":1,"milestones":3}',
        '{"v":1,"milestones":[[[],1]]}',
        "[" * 100_000,
        '{"v":' + "9" * 5_000 + "}",
        "\ud800",
    ],
)
def test_a_damaged_page_costs_no_other(text: str) -> None:
    book = read({"mdpc.p.0": text, "mdpc.p.1": page(entries([1]))})
    assert book.damaged
    assert not book.later
    assert list(book.memories) == [identity(1)]
    assert list(book.kept) == [identity(1)]


@pytest.mark.parametrize(
    "value", [None, 7, "x", [], {}, {"v": 2}, {"v": 2, "id": "evil"}, {"v": 2, "id": identity(9)}, {"v": 99, "id": 1}]
)
def test_a_damaged_entry_is_no_memory_and_stays_as_it_is(value: object) -> None:
    book = read({"mdpc.p.0": page({identity(1): value, **entries([2])})})
    assert list(book.memories) == [identity(2)]
    assert book.kept[identity(1)] == value
    kept = applied(book, noted(book, entries([3]), {identity(1), identity(2)}))
    assert json.loads(kept["mdpc.p.0"])["milestones"] == {identity(1): value, **entries([2, 3])}


def test_an_entry_under_another_id_is_no_memory() -> None:
    book = read({"mdpc.p.0": page({identity(1): entry(memory(2))})})
    assert book.memories == {}


def test_pages_of_a_later_version_are_known_as_that() -> None:
    book = read({"mdpc.p.0": page(entries([1])), "mdpc.p.1": page({"m2": {"new": True}}, v=2)})
    assert book.later
    assert list(book.memories) == [identity(1)]


def test_no_notes_yet_are_empty_and_a_tracker_without_notes_has_none() -> None:
    assert read({}) == Notebook(API, "p")
    assert notebook_of(PROGRAM, snapshot_of({}), own=False) is None
    assert notebook_of(PROGRAM, snapshot_of({"jira:OTHER": {"mdpc.p.0": page({})}}), own=False) is None


def test_a_project_with_another_key_has_the_notes_of_the_one_that_was_asked_for() -> None:
    renamed = ((API, container("jira:PLAT")),)
    found = notebook_of(
        PROGRAM, snapshot_of({"jira:PLAT": {"mdpc.p.0": page(entries([1]))}}, renamed=renamed), own=False
    )
    assert found is not None
    assert (found.place, list(found.memories)) == (container("jira:PLAT"), [identity(1)])


@pytest.mark.parametrize(
    ("members", "home", "expected"),
    [
        (["github:acme/a", "jira:API", "jira:WEB"], None, ["github:acme/a", "jira:API"]),
        (["jira:*", "jira:WEB"], None, ["jira:WEB"]),
        (["jira:API", "jira:WEB"], "jira:WEB", ["jira:WEB"]),
        (["jira:*"], None, []),
        (["jira:*"], "jira:WEB", ["jira:WEB"]),
        (["gitlab:x/y"], None, []),
    ],
)
def test_notes_stand_at_home_else_at_the_first_member_that_is_named(
    members: list[str], home: str | None, expected: list[str]
) -> None:
    program = Program.model_validate({"name": "p", "members": [{"ref": ref} for ref in members], "home": home})
    assert [str(ref) for ref in places(program, ["github", "jira"])] == expected


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────


@given(sizes=st.lists(st.integers(0, 20_000), max_size=12))
def test_a_page_is_never_longer_than_jira_takes(sizes: list[int]) -> None:
    wanted: dict[str, object] = {identity(number): "x" * size for number, size in enumerate(sizes)}
    pages = Notebook(API, "p").written(wanted)
    assert all(len(text) <= PAGE < LONGEST_PROPERTY for text in pages.values())
    together: dict[str, object] = {}
    for number, text in enumerate(pages.values()):
        assert json.loads(text)["pages"] == len(pages)
        assert list(pages)[number] == f"mdpc.p.{number}"
        together |= json.loads(text)["milestones"]
    assert together == wanted


def test_what_is_not_ascii_is_counted_as_it_is_written() -> None:
    pages = Notebook(API, "p").written({identity(number): "\U0001f680" * 1_000 for number in range(6)})
    assert len(pages) == 3
    assert all(len(text.encode()) <= PAGE for text in pages.values())


def test_the_same_entries_give_the_same_pages_in_any_order() -> None:
    wanted = entries(range(300), "t" * 100)
    backwards = dict(reversed(wanted.items()))
    assert Notebook(API, "p").written(wanted) == Notebook(API, "p").written(backwards)
    book = read(Notebook(API, "p").written(wanted))
    assert noted(book, backwards) == []
    assert noted(book, {}, wanted.keys()) == []


def test_only_pages_that_change_are_written() -> None:
    wanted = entries(range(500), "t" * 100)
    book = read(Notebook(API, "p").written(wanted))
    last = max(wanted)
    (change,) = noted(book, {last: entry(memory(499, "s" * 100))}, wanted.keys())
    assert change.ref == book.ref(len(book.pages) - 1)
    assert (change.write, change.kind, change.field, change.uid) == (str(change.ref), "memory", "memory", "")
    assert change.entries == (Entry(last, (f"write of {last}",), canonical(wanted[last])),)


def test_entries_of_milestones_that_are_nowhere_any_more_are_dropped() -> None:
    book = read({"mdpc.p.0": page(entries([1, 2, 3]))})
    (change,) = noted(book, {identity(1): entry(memory(1, "new"))}, {identity(2)})
    assert json.loads(str(change.after))["milestones"] == {**entries([1], "new"), **entries([2])}
    assert [each.id for each in change.entries] == [identity(1)]


def test_a_milestone_without_an_entry_loses_the_one_it_had() -> None:
    book = read({"mdpc.p.0": page(entries([1, 2]))})
    (change,) = noted(book, {identity(1): None}, {identity(1), identity(2)})
    assert json.loads(str(change.after))["milestones"] == entries([2])
    assert change.entries == (Entry(identity(1), (f"write of {identity(1)}",), canonical(entry(memory(1)))),)
    (gone,) = noted(read({"mdpc.p.0": page(entries([1]))}), {identity(1): None}, {identity(1)})
    assert gone.after is None


def test_the_first_entry_makes_the_first_page() -> None:
    (change,) = noted(Notebook(API, "p"), entries([1]))
    assert (change.before, str(change.ref)) == (None, "jira:API#mdpc.p.0")
    assert change.entries == (Entry(identity(1), (f"write of {identity(1)}",), None),)


def test_damaged_pages_are_written_anew() -> None:
    book = read({"mdpc.p.0": "x", "mdpc.p.1": page(entries([1]))})
    pages = applied(book, noted(book, entries([2]), {identity(1)}))
    assert read(pages).kept == entries([1, 2])
    assert list(pages) == ["mdpc.p.0"]
    assert not read(pages).damaged


@given(
    before=st.dictionaries(st.integers(0, 12), st.integers(1, 25_000), max_size=8),
    after=st.dictionaries(st.integers(0, 12), st.none() | st.integers(1, 25_000), max_size=8),
)
def test_at_any_moment_every_entry_stands_on_some_page(before: dict[int, int], after: dict[int, int | None]) -> None:
    """Killed after any write of a page, no milestone has lost its memory, and the next run reaches the same end."""
    old: dict[str, object] = {identity(number): "o" * size for number, size in before.items()}
    new: dict[str, object] = {identity(number): size and "n" * size for number, size in after.items()}
    book = replace(read(Notebook(API, "p").written(old)), memories={})
    wanted = {**old, **{name: value for name, value in new.items() if value is not None}}
    wanted = {name: value for name, value in wanted.items() if new.get(name, "") is not None}
    changes = in_turn(noted(book, new, old.keys()))
    pages = dict(book.pages)
    for change in changes:
        pages = applied(replace(book, pages=pages), [change])
        there = read(pages).kept
        assert {name for name in wanted if name in old} <= there.keys()
        again = replace(read(pages), memories={})
        assert read(applied(again, in_turn(noted(again, new, old.keys())))).kept == wanted


def in_turn(changes: Collection[Change]) -> list[Change]:
    """The changes in an order that their needs allow."""
    ordered: list[Change] = []
    waiting = list(changes)
    names = {change.write for change in changes}
    while waiting:
        done = {change.write for change in ordered}
        ready = next(each for each in waiting if set(each.needs) & names <= done)
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


# ── What could not be written ─────────────────────────────────────────────────────────────────────


def test_without_puts_entries_back_as_they_were() -> None:
    text = page({"m1": "new", "m2": "new", "m3": "new"})
    assert without(text, {"m1": canonical("old"), "m2": None}) == page({"m1": "old", "m3": "new"})
    assert without(text, {}) == text
    assert without(text, {"m4": None}) == text
    assert without(page({"m1": "new"}), {"m1": None}) is None


def test_without_brings_a_page_back_that_was_to_go() -> None:
    assert without(None, {"m1": canonical("old")}) == page({"m1": "old"})
    assert without(None, {"m1": None}) is None


def test_a_program_with_any_name_has_keys_that_jira_takes() -> None:
    for name in ("p", "a b", "\u00e9" * 300, "own", "OWN", "x" * 61, "a/b.c", ""):
        key = note_key(name, 12)
        assert len(key) <= 255
        assert key.isascii()
        assert key.count(".") == 2
    assert len({note_key(name, 0) for name in ("a b", "a-b", "a_b", "own", OWN, "Own", "a.b")}) == 7


def test_dates_come_back_as_dates() -> None:
    known = replace(memory(1), dues=((date(2026, 12, 1), date(2026, 11, 22)),), disputes={"due": date(2026, 11, 22)})
    assert read({"mdpc.p.0": page({identity(1): entry(known)})}).memories[identity(1)] == known
    assert read({}).ref(0) == Ref(API, "mdpc.p.0")


def test_memory_of_what_could_not_be_read_is_kept() -> None:
    """A project that no listing has any more, as after a lost right, is not an empty one."""
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}, {"ref": "jira:*"}]}])
    company.jira.box("WEB")
    api = company.jira.add("API", "1.0")
    alone = company.jira.add("WEB", "alone", due=date(2026, 12, 1))
    company.settled()
    alone.due = date(2026, 12, 24)
    company.settled()
    company.jira.boxes["WEB"].listed = False
    api.due = date(2026, 12, 12)
    company.settled()
    company.jira.boxes["WEB"].listed = True
    found = {each.key: each for each in company.settled().milestones}
    assert found["p/alone"].original_due == date(2026, 12, 1)
    assert not found["p/alone"].forgotten


def test_memory_of_what_is_gone_from_a_project_that_was_read_is_dropped() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}]}])
    company.jira.add("API", "1.0")
    gone = company.jira.add("API", "2.0")
    company.settled()
    del company.jira.boxes["API"].records[gone.number]
    company.settled()
    (text,) = company.jira.boxes["API"].notes.values()
    assert len(json.loads(text)["milestones"]) == 1


def test_a_page_that_is_no_notes_stops_no_run() -> None:
    company = Company(programs=[{"name": "p", "members": [{"ref": "jira:API"}]}])
    company.jira.add("API", "1.0")
    company.settled()
    for text in ("x", "[]", "{}", '{"v":1,"milestones":{"m0":7}}'):
        company.jira.boxes["API"].notes["mdpc.p.0"] = text
        (forgotten,) = company.settled().milestones
        assert forgotten.forgotten
        assert not company.plan().milestones[0].forgotten
