"""What every connector must keep: a suite to inherit from, with a tracker over HTTP behind it.

A subclass says how to make the connector, what it should read, and how somebody else changes its tracker. Every test
goes through the connector's public methods alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest

from mdpc.connector import Connector, TrackerError
from mdpc.model import Change, Record, Scope
from mdpc.status import find, place
from mdpc_sandbox.server import Sandbox

EVERYTHING = Scope(closed_since=None)
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
    first record as a person would; `describe` reads it back from the tracker, past every connector.
    """

    sandbox: Sandbox
    make: Callable[..., Connector]
    edit: Callable[[str | None], None]
    describe: Callable[[], str | None]
    tracker: str


def status_change(record: Record, before: str | None, after: str | None) -> Change:
    """The change of a record's status."""
    return Change(
        "c1", "w1", "status", "program", record.ref, record.uid, "status", before, after, "the test asks for it"
    )


class ConnectorContract:
    """The suite. Subclasses give the fixture `stand`; the tracker holds an open record, due on 1 December 2026."""

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
