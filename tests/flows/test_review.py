"""People review, dodge and die at random; mdpc never lets a milestone through that was not reviewed as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mdpc import gates, gating
from mdpc.model import Ref
from tests.core.test_gates_in_step import RELEASE, company
from tests.core.test_in_step import Company
from tests.memory_issues import ME, HeldComment, HeldIssue
from tests.memory_tracker import Held, Killed

EXAMPLES = int(os.environ.get("REVIEW_EXAMPLES", "60"))
QUICK = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    derandomize="REVIEW_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
DAY = date(2027, 1, 1)
REVIEWERS = ("bob-gh", "carol-gh", "alice-gh")
EVERYBODY = (*REVIEWERS, "mallory")
WORDS = (
    "/approve release-review",
    "/withdraw release-review",
    "/reject release-review no",
    "looks good",
    "/waive release-review x",
)


class Review(RuleBasedStateMachine):
    """One milestone that GitHub leads and Jira follows; alice owns it, and two of three have to approve.

    `seen` has what every comment was written upon: the due date and the issues at that moment.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, tuple[date | None, frozenset[str]]] = {}
        self.tampered = self.forgot = False
        self.issues = 0

    @initialize(most=st.integers(0, 3))
    def begin(self, most: int) -> None:
        self.acme: Company = company(gates=[{**RELEASE, "max_reopens": most}])
        self.held: Held = self.acme.github.add("acme/api", "v1.0", due=DAY, description="Owner: @alice-gh")
        self.version: Held = self.acme.jira.add("API", "v1.0", due=DAY)
        self.sync(0)
        self.ref = Ref.parse(f"github:acme/api#{self.held.number}")

    @property
    def issue(self) -> HeldIssue:
        return self.acme.github.desk.one("acme/api")

    @property
    def contents(self) -> set[str]:
        return self.acme.github.desk.contents.setdefault(self.ref, set())

    # ── What people do ────────────────────────────────────────────────────────────────────────────

    @rule(who=st.sampled_from(EVERYBODY), what=st.sampled_from(WORDS), bot=st.booleans())
    def say(self, who: str, what: str, bot: bool) -> None:
        comment = self.acme.github.desk.say(self.issue, who, what, bot=bot and who == "mallory")
        self.seen[comment.id] = (self.held.due, frozenset(self.contents))

    @rule(who=st.sampled_from(REVIEWERS))
    def approve(self, who: str) -> None:
        self.say(who, WORDS[0], False)

    @rule(data=st.data(), what=st.sampled_from(WORDS), who=st.sampled_from(EVERYBODY))
    def edit(self, data: st.DataObject, what: str, who: str) -> None:
        comments = [each for each in self.issue.comments if "mdpc:ledger" not in each.body]
        if comments:
            self.acme.github.desk.edit(data.draw(st.sampled_from(comments)), who, what)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        people = [each for each in self.issue.comments if not each.author.bot]
        if people:
            self.issue.comments.remove(data.draw(st.sampled_from(people)))

    @precondition(lambda self: not self.held.closed)  # afterwards it is the actual date, and no plan
    @rule(days=st.integers(-3, 3))
    def move(self, days: int) -> None:
        self.held.due = DAY + timedelta(days=days)

    @rule()
    def add_issue(self) -> None:
        self.issues += 1
        self.contents.add(str(100 + self.issues))

    @rule(data=st.data())
    def take_issue_out(self, data: st.DataObject) -> None:
        if self.contents:
            self.contents.discard(data.draw(st.sampled_from(sorted(self.contents))))

    @rule()
    def close(self) -> None:
        """Somebody closes it. A date that was moved since the last run is a plan only if a run sees it before."""
        if self.held.due != self.version.due and not self.held.closed:
            self.acme.sync()
        self.held.closed = True

    @rule()
    def reopen(self) -> None:
        self.held.closed = False

    @rule(what=st.sampled_from(["block", "body", "label", "ledger"]))
    def tamper(self, what: str) -> None:
        match what:
            case "block":
                self.held.description = "Owner: @alice-gh"
                self.forgot = True
            case "body" if not self.tampered:  # whoever overwrites both leaves no trace of whose issue it is
                self.issue.body = "mine now"
            case "label":
                self.issue.labels.clear()
            case "ledger":
                ledger = next((each for each in self.issue.comments if "mdpc:ledger" in each.body), None)
                if ledger and "mdpc:issue" in self.issue.body:
                    self.acme.github.desk.edit(ledger, "mallory", "mine now")
                    self.tampered = True

    @precondition(lambda self: not self.held.closed)
    @rule(how=st.sampled_from(["after a change", "by editing", "as the owner"]))
    def scheme(self, how: str) -> None:
        """Somebody tries to get it through with one approval less than it takes."""
        self.approve("bob-gh")
        match how:
            case "after a change":
                self.approve("carol-gh")
                self.acme.sync()
                self.add_issue()
            case "by editing":
                self.say("carol-gh", "looks good", False)
                self.acme.github.desk.edit(self.issue.comments[-1], "carol-gh", WORDS[0])
            case "as the owner":
                self.approve("alice-gh")
        self.close()
        self.sync(0)

    # ── What mdpc does ────────────────────────────────────────────────────────────────────────────

    @rule(writes=st.integers(0, 6))
    def sync(self, writes: int) -> None:
        """A run that is killed after so many writes (0: never), and then one that is not."""
        before = self.version.closed
        if writes:
            self._killed_after(writes)
        self.acme.sync()
        again = self.acme.plan()
        assert again.changes == (), [(each.field, each.before, each.after) for each in again.changes]
        assert len(self.acme.github.desk.issues["acme/api"]) == 1
        if self.version.closed and not before:
            assert self._is_reviewed(), "it was let through"
        if self.held.closed and not self.version.closed:
            said = any(each.bypass for each in again.milestones) or again.conflicts
            assert said or self.forgot, "a closing is neither carried nor said"

    def _killed_after(self, writes: int) -> None:
        left = [writes]

        def count() -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        self.acme.github.after_write = self.acme.jira.after_write = count
        try:
            self.acme.sync()
        except Killed:
            pass
        finally:
            self.acme.github.after_write = self.acme.jira.after_write = lambda: None

    @precondition(lambda self: not self.held.closed and not self.version.closed)
    @rule()
    def review_properly(self) -> None:
        """Everybody looks at what is there and approves; then it can be closed."""
        self.acme.sync()
        for who in REVIEWERS[:2]:
            self.say(who, WORDS[0], False)
        objects = any(word.startswith("/reject") for word in self._latest().values())
        self.acme.sync()
        self.held.closed = True
        self.acme.sync()
        assert self.version.closed is not objects

    # ── What must be so ───────────────────────────────────────────────────────────────────────────

    def _latest(self) -> dict[str, str]:
        """The latest word of each reviewer that may count at all."""
        return {who: comment.body for who, comment in self._words().items()}

    def _words(self) -> dict[str, HeldComment]:
        return {comment.author.login: comment for comment in self._countable()}

    def _countable(self) -> Iterator[HeldComment]:
        for comment in self.issue.comments:
            who = comment.author.login
            if who not in REVIEWERS or comment.editor or comment.author.bot or not comment.body.startswith("/"):
                continue
            if comment.body.startswith("/waive") and who != "carol-gh":
                continue
            if who == "alice-gh" and comment.body.startswith("/approve"):
                continue  # the owner
            yield comment

    def _is_reviewed(self) -> bool:
        """Whether somebody waived it, or two approve it as it is and nobody objects."""
        words = self._words()
        if any(each.body.startswith("/waive") for each in words.values()):
            return True
        if any(each.body.startswith("/reject") for each in words.values()):
            return False
        due, now = self.held.due, frozenset(self.contents)
        fresh = [
            each
            for each in words.values()
            if each.body.startswith("/approve") and self.seen[each.id][0] == due and now <= self.seen[each.id][1]
        ]
        return len(fresh) >= 2

    @invariant()
    def nothing_is_said_twice(self) -> None:
        own = [each for each in self.issue.comments if each.author.login == ME and each.editor in (None, each.author)]
        marks = [each.body.splitlines()[-1] for each in own]
        said = [each for each in marks if "ledger" not in each]
        assert len(said) == len(set(said)), said


def test_people_review_and_mdpc_lets_nothing_through() -> None:
    run_state_machine_as_test(Review, settings=QUICK)


FAULTS: dict[str, tuple[Any, str, Any]] = {
    "void approvals count": (gates._Hearing, "_is_void", lambda self, said: False),
    "edited comments count": (
        gates._Hearing,
        "_against",
        lambda self, said: "" if self._may_say(said.who, said.command.word) else "no",
    ),
    "the owner counts": (gates._Hearing, "owns", lambda self, who: False),
    "a closing is accepted as it comes": (gating, "_failing", lambda milestone, verdict, tables: []),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_machine_finds_planted_faults(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FAULTS[fault])
    few = settings(QUICK, max_examples=max(EXAMPLES, 150), phases=(Phase.generate,), report_multiple_bugs=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Review, settings=few)
