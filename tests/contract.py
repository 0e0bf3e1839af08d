"""What every connector must keep: a suite to inherit from, with a tracker over HTTP behind it.

A subclass says how to make the connector, what it should read, and how somebody else changes its tracker. Every test
goes through the connector's public methods alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from mdpc.changes import Change, Created, Outcome, OutcomeStatus
from mdpc.connector import Connector, TrackerError
from mdpc.model import Nature, Record, Ref, Scope
from mdpc.shard import Shard
from mdpc.sharding import Names, Share
from mdpc.status import find, place
from mdpc_sandbox.server import Sandbox

EVERYTHING = Scope(closed_since=None)
UNSEEN = {"github": "beta/hidden", "jira": "HIDDEN"}
"""By tracker a container that no listing of the connector has."""
STATUS = {
    "block": "<!-- mdpc:begin -->\n**mdpc:** on track\n<!-- mdpc:end -->",
    "line": "mdpc: on track, due 2026-12-01, no owner [m0123456789ab]",
}
OTHER = {
    "block": "<!-- mdpc:begin -->\n**mdpc:** at risk\n<!-- mdpc:end -->",
    "line": "mdpc: at risk, due 2026-12-01, no owner [m0123456789ab]",
}


@dataclass(frozen=True)
class Stand:
    """A connector and what stands behind it.

    `make` builds another connector on the same tracker, with other settings; `edit` changes the description of the
    first record as a person would; `describe` reads it back from the tracker, past every connector. `rename` gives the
    first record's container another name and returns the old name and the new one. `requests` are the writing requests
    that all fields of one write take. `make_by_hand` makes a record as a person would, in the first record's container,
    and `titles` are those of all records there.
    """

    sandbox: Sandbox
    make: Callable[..., Connector]
    edit: Callable[[str | None], None]
    describe: Callable[[], str | None]
    rename: Callable[[], tuple[str, str]]
    make_by_hand: Callable[[str], None]
    titles: Callable[[], list[str]]
    tracker: str
    requests: int = 1

    def hinder(self, **fault: Any) -> None:
        """Let the next writing request fail so."""
        for method in ("PATCH", "PUT"):
            self.sandbox.faults.add("*", tracker=self.tracker, method=method, times=1, **fault)

    def hinder_creation(self, **fault: Any) -> None:
        """Let the next request that makes something fail so."""
        self.sandbox.faults.add("*", tracker=self.tracker, method="POST", times=1, **fault)

    def written(self) -> int:
        """How many writing requests the tracker took."""
        return sum(200 <= entry.status < 300 for entry in self.sandbox.log.writes())


MARKED = {
    "block": "<!-- mdpc:begin -->\n**mdpc:** on track\n\n"
    '<!-- mdpc:memory {"v":1,"id":"m0123456789ab","uid":"mdpcnewuidn0123456789ab"} -->\n<!-- mdpc:end -->',
    "line": STATUS["line"],
}
"""A status that names its milestone, as every new record's does."""

HINDRANCES = [{"status": 429, "retry_after": 120}, {"status": 502}, {"drop": "before"}]


def status_change(record: Record, before: str | None, after: str | None) -> Change:
    """The change of a record's status."""
    return Change(
        "c1", "w1", "status", "program", record.ref, record.uid, "status", before, after, "the test asks for it"
    )


def all_fields(record: Record) -> list[Change]:
    """The changes of one write to every field that all trackers have."""
    afters = {"status": STATUS[record.markup], "title": "1.1", "due": "2027-03-14", "state": "closed"}
    befores = {"status": None, "title": record.title, "due": "2026-12-01", "state": "open"}
    made = status_change(record, None, None)
    return [
        replace(made, id=field, kind="update", field=field, before=befores[field], after=after)
        for field, after in afters.items()
    ]


def creation(record: Record, title: str = "9.9") -> list[Change]:
    """The changes that make another record in a record's container."""
    made = Change(
        "", "w1", "create", "program", Ref(record.ref.container, "mdpcnewidn0123456789ab"), "", "", None, "", ""
    )
    made = replace(made, uid="mdpcnewuidn0123456789ab", why="the test asks for it")
    afters = {"title": title, "due": "2027-03-14", "state": "open", "status": MARKED[record.markup]}
    return [replace(made, id=f"c-{field}", field=field, after=after) for field, after in afters.items()]


def common(outcomes: Sequence[Outcome]) -> tuple[OutcomeStatus, Created | None]:
    """What all changes of a creation came to."""
    assert [each.change for each in outcomes] == ["c-title", "c-due", "c-state", "c-status"]
    (said,) = {(each.status, each.created) for each in outcomes}
    return said


class ReadingContract:
    """The part of the suite that is about reading. Subclasses give the fixture `stand`; the tracker holds an open
    record, due on 1 December 2026.
    """

    def first(self, stand: Stand) -> Record:
        """The open record that the tests write to."""
        return next(each for each in stand.make().read(EVERYTHING).records if not each.closed and not each.archived)

    def test_making_one_touches_no_network(self, stand: Stand) -> None:
        connector = stand.make()
        assert connector.requests == 0
        assert stand.sandbox.log.count() == 0

    def test_requests_are_counted_as_the_tracker_counts_them(self, stand: Stand) -> None:
        connector = stand.make()
        connector.read(EVERYTHING)
        assert connector.requests == stand.sandbox.log.count(stand.tracker) > 0

    def test_reading_twice_reads_the_same(self, stand: Stand) -> None:
        first, second = stand.make().read(EVERYTHING), stand.make().read(EVERYTHING)
        assert first == second
        assert first.unread == ()
        assert {record.ref.container for record in first.records} <= {each.ref for each in first.containers}
        assert len({record.uid for record in first.records}) == len(first.records)

    def test_a_due_date_is_the_day_that_people_see(self, stand: Stand) -> None:
        assert self.first(stand).due == date(2026, 12, 1)

    def test_reading_and_preflight_send_no_write(self, stand: Stand) -> None:
        connector = stand.make()
        connector.preflight(EVERYTHING)
        connector.read(EVERYTHING)
        assert stand.sandbox.log.writes() == ()

    def test_a_wrong_token_is_an_error_with_a_next_step_and_without_the_token(self, stand: Stand) -> None:
        connector = stand.make(token="not-this-one")
        with pytest.raises(TrackerError) as raised:
            connector.read(EVERYTHING)
        assert raised.value.reason == "auth"
        assert raised.value.next_step
        said = [str(raised.value), repr(connector), *(str(each) for each in connector.preflight(EVERYTHING))]
        assert not any("not-this-one" in text for text in said)

    def test_a_container_asked_for_by_an_old_name_is_read_and_told_as_renamed(self, stand: Stand) -> None:
        record = self.first(stand)
        old, new = (replace(record.ref.container, name=name) for name in stand.rename())
        reading = stand.make().read(replace(EVERYTHING, members=(old.name,)))
        assert reading.renamed == ((old, new),)
        assert reading.unread == ()
        assert old not in {each.ref for each in reading.containers}
        assert new in {each.ref for each in reading.containers}
        assert record.uid in {each.uid for each in reading.records if each.ref.container == new}
        assert any(each.container == str(old) and new.name in each.why for each in reading.skipped)

    def test_notes_that_are_not_asked_for_cost_nothing(self, stand: Stand) -> None:
        connector, other = stand.make(), stand.make()
        name = self.first(stand).ref.container.name
        assert dict(connector.read(EVERYTHING).notes) == {}
        scope = replace(EVERYTHING, members=(name,), notes={"elsewhere": ("program",)})
        assert dict(other.read(scope).notes) == {}
        assert connector.requests == other.requests

    def test_a_rate_limit_is_waited_out(self, stand: Stand) -> None:
        slept: list[float] = []
        connector = stand.make(sleep=slept.append)
        stand.sandbox.faults.add("*", tracker=stand.tracker, status=429, retry_after=7, times=1)
        assert connector.read(EVERYTHING).unread == ()
        assert len(slept) == 1
        assert 7 <= slept[0] <= 8

    def test_nothing_of_a_broken_server_is_taken_for_an_answer(self, stand: Stand) -> None:
        stand.sandbox.faults.add("*", tracker=stand.tracker, status=500)
        with pytest.raises(TrackerError) as raised:
            stand.make(sleep=lambda _: None).read(EVERYTHING)
        assert raised.value.reason == "server"


class SharingContract(ReadingContract):
    """What a connector keeps that reads nothing of what is another shard's; of any other it is left out afterwards."""

    def shares(self, stand: Stand, count: int = 2) -> list[Share]:
        """The shares of so many shards where no program names anything."""
        return [Share(Shard(number, count), stand.tracker) for number in range(1, count + 1)]

    def test_of_several_shards_each_reads_its_own_containers_and_they_read_all(self, stand: Stand) -> None:
        whole = stand.make().read(EVERYTHING)
        parts = [stand.make().read(replace(EVERYTHING, share=share)) for share in self.shares(stand, 3)]
        assert all(part.unread == () for part in parts)
        assert sorted(each.ref for part in parts for each in part.containers) == [each.ref for each in whole.containers]
        assert sorted(each.ref for part in parts for each in part.records) == sorted(each.ref for each in whole.records)
        assert {len(part.containers) + part.elsewhere for part in parts} == {len(whole.containers)}

    def test_what_a_program_of_another_shard_names_is_left_to_it(self, stand: Stand) -> None:
        name = self.first(stand).ref.container.name
        for share in self.shares(stand):
            ours = stand.make().read(replace(EVERYTHING, members=(name,), share=replace(share, own=Names.of([name]))))
            theirs = stand.make().read(replace(EVERYTHING, share=replace(share, others=Names.of([name]))))
            assert name in {each.ref.name for each in ours.containers}
            assert name not in {each.ref.name for each in theirs.containers}
            assert ours.unread == theirs.unread == ()

    def test_a_renamed_container_stays_with_the_shard_whose_program_names_it(self, stand: Stand) -> None:
        old, new = stand.rename()
        for share in self.shares(stand):
            ours = stand.make().read(replace(EVERYTHING, members=(old,), share=replace(share, own=Names.of([old]))))
            theirs = stand.make().read(replace(EVERYTHING, share=replace(share, others=Names.of([old]))))
            assert new in {each.ref.name for each in ours.containers}
            assert [now.name for _, now in ours.renamed] == [new]
            assert new not in {each.ref.name for each in theirs.containers}
            assert (theirs.unread, theirs.renamed) == ((), ())

    def test_a_renamed_container_that_two_shards_name_is_read_by_one_at_most(self, stand: Stand) -> None:
        old, new = stand.rename()
        first, second = self.shares(stand)
        one = replace(first, own=Names.of([old]), others=Names.of([new]))
        other = replace(second, own=Names.of([new]), others=Names.of([old]))
        former = stand.make().read(replace(EVERYTHING, members=(old,), share=one))
        present = stand.make().read(replace(EVERYTHING, members=(new,), share=other))
        assert new not in {each.ref.name for each in former.containers}
        assert old in {each.container.partition(":")[2] for each in former.unread}
        assert new in {each.ref.name for each in present.containers}

    def test_where_nobody_knows_what_a_container_was_called_it_is_left_alone(self, stand: Stand) -> None:
        whole = {each.ref.name for each in stand.make().read(EVERYTHING).containers}
        lost = []
        for path, repository in ((f"*/project/{UNSEEN['jira']}", None), ("*", UNSEEN["github"])):
            stand.sandbox.faults.add(path, repository=repository, status=500)
        for share in self.shares(stand):
            scope = replace(EVERYTHING, share=replace(share, others=Names.of([UNSEEN[stand.tracker]])))
            reading = stand.make(sleep=lambda _: None).read(scope)
            assert (reading.containers, reading.records) == ((), ())
            assert all("under a former" in each.why for each in reading.unread)
            lost += [each.container.partition(":")[2] for each in reading.unread]
        assert sorted(lost) == sorted(whole)


class ConnectorContract(SharingContract):
    """The suite. `unique` says whether a title can be there once only."""

    unique = True

    @pytest.mark.parametrize("text", ["", "text", "text\r\nmore\n\n", "é < & > \U0001f680", None])
    def test_a_status_comes_and_goes_without_a_trace(self, stand: Stand, text: str | None) -> None:
        stand.edit(text)
        before = stand.describe()
        record = self.first(stand)
        status = STATUS[record.markup]
        (placed,) = stand.make().apply([status_change(record, None, status)])
        assert placed.status == "done"
        assert find(stand.describe(), record.markup) == status
        (taken_out,) = stand.make().apply([status_change(record, status, None)])
        assert taken_out.status == "done"
        assert stand.describe() == before

    def test_applying_again_writes_nothing(self, stand: Stand) -> None:
        record = self.first(stand)
        change = status_change(record, None, STATUS[record.markup])
        stand.make().apply([change])
        writes = len(stand.sandbox.log.writes())
        (outcome,) = stand.make().apply([change])
        assert (outcome.change, outcome.status) == ("c1", "already")
        assert len(stand.sandbox.log.writes()) == writes == 1

    def test_what_somebody_else_changed_is_stale_and_left_alone(self, stand: Stand) -> None:
        record = self.first(stand)
        stand.edit(place("text", OTHER[record.markup], record.markup))
        (outcome,) = stand.make().apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status == "stale"
        assert outcome.answer
        assert stand.sandbox.log.writes() == ()

    def test_what_people_wrote_since_the_reading_is_kept(self, stand: Stand) -> None:
        record = self.first(stand)
        stand.edit("written meanwhile")
        (outcome,) = stand.make().apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status == "done"
        assert (stand.describe() or "").startswith("written meanwhile\n")

    def test_another_record_at_the_same_ref_is_not_written_to(self, stand: Stand) -> None:
        record = replace(self.first(stand), uid="99999")
        (outcome,) = stand.make().apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status in ("stale", "failed")
        assert stand.sandbox.log.writes() == ()

    def test_a_record_that_is_gone_fails_with_a_sentence(self, stand: Stand) -> None:
        record = self.first(stand)
        gone = replace(record, ref=replace(record.ref, id="99999"), uid="99999")
        (outcome,) = stand.make().apply([status_change(gone, None, STATUS[record.markup])])
        assert outcome.status == "failed"
        assert "404" in outcome.answer

    def test_a_missing_right_fails_with_a_sentence(self, stand: Stand) -> None:
        record = self.first(stand)
        (outcome,) = stand.make(read_only=True).apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status == "failed"
        assert len(outcome.answer.split()) > 5

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_answer_is_never_written_twice(self, stand: Stand, drop: str) -> None:
        record = self.first(stand)
        for method in ("PATCH", "PUT"):
            stand.sandbox.faults.add("*", tracker=stand.tracker, method=method, drop=drop, times=1)
        (outcome,) = stand.make().apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status in ("done", "failed")
        held = find(stand.describe(), record.markup) == STATUS[record.markup]
        assert held is (outcome.status == "done")
        assert held or drop == "before"

    @pytest.mark.parametrize("hindrance", HINDRANCES)
    def test_what_people_write_while_a_write_waits_is_kept(self, stand: Stand, hindrance: dict[str, Any]) -> None:
        record = self.first(stand)
        stand.hinder(**hindrance)
        connector = stand.make(sleep=lambda _: stand.edit("written meanwhile"))
        (outcome,) = connector.apply([status_change(record, None, STATUS[record.markup])])
        assert outcome.status == "done"
        assert stand.written() == 1
        assert stand.describe() == place("written meanwhile", STATUS[record.markup], record.markup)

    @pytest.mark.parametrize("hindrance", HINDRANCES)
    def test_what_was_changed_while_a_write_waits_is_stale(self, stand: Stand, hindrance: dict[str, Any]) -> None:
        record = self.first(stand)
        theirs = place("text", OTHER[record.markup], record.markup)
        stand.hinder(**hindrance)
        connector = stand.make(sleep=lambda _: stand.edit(theirs))
        (outcome,) = connector.apply([status_change(record, None, STATUS[record.markup])])
        assert (outcome.status, bool(outcome.answer)) == ("stale", True)
        assert stand.written() == 0
        assert stand.describe() == theirs

    def test_the_fields_of_one_write_are_written_together(self, stand: Stand) -> None:
        record = self.first(stand)
        changes = all_fields(record)
        outcomes = stand.make().apply(changes)
        assert [(each.change, each.status) for each in outcomes] == [(each.id, "done") for each in changes]
        assert stand.written() == len(stand.sandbox.log.writes()) == stand.requests
        held = next(each for each in stand.make().read(EVERYTHING).records if each.uid == record.uid)
        assert (held.title, held.due, held.closed) == ("1.1", date(2027, 3, 14), True)
        assert find(held.description, held.markup) == STATUS[record.markup]
        assert [each.status for each in stand.make().apply(changes)] == ["already"] * len(changes)
        assert stand.written() == stand.requests

    @pytest.mark.parametrize("theirs", ["status", "title", "due", "state"])
    def test_one_stale_field_withholds_the_others_of_its_write(self, stand: Stand, theirs: str) -> None:
        record = self.first(stand)
        changes = [
            replace(change, before="what was read before somebody changed it") if change.field == theirs else change
            for change in all_fields(record)
        ]
        outcomes = stand.make().apply(changes)
        assert {each.change: each.status for each in outcomes} == {
            change.id: "stale" if change.field == theirs else "withheld" for change in changes
        }
        assert all(each.answer for each in outcomes)
        assert stand.sandbox.log.writes() == ()

    @pytest.mark.parametrize("hindrance", HINDRANCES)
    def test_a_field_changed_while_a_write_waits_withholds_the_others(
        self, stand: Stand, hindrance: dict[str, Any]
    ) -> None:
        record = self.first(stand)
        stand.hinder(**hindrance)
        connector = stand.make(sleep=lambda _: stand.edit(place("text", OTHER[record.markup], record.markup)))
        outcomes = connector.apply(all_fields(record))
        assert [each.status for each in outcomes] == ["stale", "withheld", "withheld", "withheld"]
        assert stand.written() == 0

    def test_a_tracker_that_stays_away_costs_one_budget_of_waiting(self, stand: Stand) -> None:
        record = self.first(stand)
        slept: list[float] = []
        connector = stand.make(sleep=slept.append)
        stand.sandbox.faults.add("*", tracker=stand.tracker, status=429, retry_after=70)
        for _ in range(5):
            with pytest.raises(TrackerError):
                connector.read(EVERYTHING)
            (outcome,) = connector.apply([status_change(record, None, STATUS[record.markup])])
            assert outcome.status == "failed"
        assert 200 <= sum(slept) <= 300

    def test_a_record_is_created_once_and_read_as_it_was_wanted(self, stand: Stand) -> None:
        record = self.first(stand)
        status, created = common(stand.make().apply(creation(record)))
        assert (status, stand.written()) == ("done", 1)
        reading = stand.make().read(EVERYTHING)
        made = next(each for each in reading.records if each.title == "9.9")
        assert created == Created(made.ref.id, made.uid, made.url)
        assert (made.due, made.closed, made.ref.container) == (date(2027, 3, 14), False, record.ref.container)
        assert find(made.description, made.markup) == made.description == MARKED[made.markup]
        container = next(each for each in reading.containers if each.ref == made.ref.container)
        assert (container.created, container.cannot_create) == (Nature(made.markup, made.carrier, made.starts), "")

    def test_what_was_created_is_not_created_again(self, stand: Stand) -> None:
        record = self.first(stand)
        first = common(stand.make().apply(creation(record)))
        if self.unique:
            assert common(stand.make().apply(creation(record))) == ("already", first[1])
            assert stand.titles().count("9.9") == 1

    def test_what_was_created_can_be_written_to(self, stand: Stand) -> None:
        record = self.first(stand)
        _, created = common(stand.make().apply(creation(record)))
        assert created is not None
        ref = Ref(record.ref.container, created.id)
        later = OTHER[record.markup]
        change = replace(status_change(record, MARKED[record.markup], later), ref=ref, uid=created.uid)
        assert [each.status for each in stand.make().apply([change])] == ["done"]

    @pytest.mark.parametrize("lost", [{"drop": "before"}, {"drop": "after"}, {"status": 502}])
    def test_an_answer_lost_while_creating_never_makes_two(self, stand: Stand, lost: dict[str, Any]) -> None:
        record = self.first(stand)
        stand.hinder_creation(**lost)
        status, created = common(stand.make(sleep=lambda _: None).apply(creation(record)))
        there = stand.titles().count("9.9")
        assert there == (lost.get("drop") == "after")
        assert status == "done" if there else status in ("failed", "unknown")
        assert (created is not None) is bool(there)
        assert sum(entry.method == "POST" for entry in stand.sandbox.log.writes()) == 1

    def test_a_title_that_somebody_else_took_is_stale(self, stand: Stand) -> None:
        record = self.first(stand)
        stand.make_by_hand("9.9")
        outcomes = stand.make().apply(creation(record))
        if self.unique:
            assert common(outcomes) == ("stale", None)
            assert all(len(each.answer.split()) > 5 for each in outcomes)
        assert stand.titles().count("9.9") == 2 - self.unique

    def test_a_missing_right_to_create_fails_with_a_sentence(self, stand: Stand) -> None:
        outcomes = stand.make(read_only=True).apply(creation(self.first(stand)))
        assert common(outcomes) == ("failed", None)
        assert all(len(each.answer.split()) > 5 for each in outcomes)
        assert "9.9" not in stand.titles()

    def test_a_limit_while_creating_is_waited_out(self, stand: Stand) -> None:
        slept: list[float] = []
        record = self.first(stand)
        stand.hinder_creation(status=429, retry_after=7)
        assert common(stand.make(sleep=slept.append).apply(creation(record)))[0] == "done"
        assert (len(slept), stand.titles().count("9.9")) == (1, 1)

    def test_a_record_without_a_title_is_not_created(self, stand: Stand) -> None:
        changes = [replace(each, after=" ") if each.field == "title" else each for each in creation(self.first(stand))]
        assert common(stand.make().apply(changes)) == ("failed", None)
        assert stand.sandbox.log.writes() == ()
