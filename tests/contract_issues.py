"""What every connector must keep about coordination issues: a suite to inherit from, whatever stands behind it.

It asks nothing of trackers but that people can write comments there, so that those in memory pass it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from mdpc.changes import Change, Created, Outcome
from mdpc.connector import Connector
from mdpc.coordination import LABEL, Issue, IssueReading, IssueScope
from mdpc.marks import mark
from mdpc.model import ContainerRef, Markup, Ref
from mdpc.tokens import issue_seed, token_id, token_uid

MILESTONE = "m0123456789ab"
SAID = "Approved."
LATER = "Withdrawn."


@dataclass(frozen=True)
class Desk:
    """A connector and the container where its coordination issues live, which has none yet.

    `make` builds another connector on the same tracker. `unknown` is the address of no issue there. `say` writes a
    comment on an issue as somebody else would, and returns its id; `rewrite` edits a comment so. `written` counts what
    mdpc wrote.
    """

    make: Callable[[], Connector]
    home: ContainerRef
    markup: Markup
    unknown: Ref
    say: Callable[[Ref, str], str]
    rewrite: Callable[[Ref, str, str], None]
    written: Callable[[], int]

    def read(self, *known: Ref) -> IssueReading:
        """The issues of the home, and those at some addresses."""
        return self.make().read_issues(IssueScope(homes=(self.home.name,), known=known))

    def issue(self) -> Issue:
        """The only issue of the home."""
        (found,) = self.read().issues
        return found

    def text(self, words: str, kind: str, name: str) -> str:
        """A text as mdpc writes them here: mdpc's own part, and its mark."""
        text = f"{words}\n\n{mark(kind, name, self.markup)}"
        whole = self.markup is Markup.BLOCK and kind == "issue"
        return f"<!-- mdpc:begin -->\n{text}\n<!-- mdpc:end -->" if whole else text

    def creation(self, milestone: str = MILESTONE) -> list[Change]:
        """The changes that make the coordination issue of a milestone."""
        seed = issue_seed(milestone, self.home)
        made = Change("", "w1", "issue", "program", Ref(self.home, token_id(seed)), token_uid(seed), "", None, "", "")
        afters = {"title": "1.0", "body": self.text("Words.", "issue", milestone), "label": LABEL}
        return [replace(made, id=f"c-{field}", field=field, after=after) for field, after in afters.items()]

    def create(self, milestone: str = MILESTONE) -> tuple[str, Created | None]:
        """What making the coordination issue of a milestone comes to."""
        changes = self.creation(milestone)
        outcomes = self.make().apply(changes)
        assert [each.change for each in outcomes] == [each.id for each in changes]
        (said,) = {(each.status, each.created) for each in outcomes}
        return said

    def comment(self, issue: Issue, words: str = SAID, *, name: str = "a1", seen: str = "") -> Outcome:
        """What making a comment comes to."""
        text = self.text(words, "answer", name)
        change = Change("c1", "w2", "comment", "program", issue.ref, issue.uid, "body", None, text, "")
        (outcome,) = self.make().apply([replace(change, seen=seen)])
        return outcome

    def edit(self, issue: Issue, comment: str, words: str = LATER) -> Outcome:
        """What rewriting the comment `SAID` comes to."""
        before, after = (self.text(each, "answer", "a1") for each in (SAID, words))
        ref = replace(issue.ref, id=f"{issue.ref.id}/{comment}")
        (outcome,) = self.make().apply(
            [Change("c1", "w3", "comment", "program", ref, issue.uid, "body", before, after, "")]
        )
        return outcome


def bodies(issue: Issue) -> Sequence[str]:
    """What the comments of an issue say."""
    return [each.body for each in issue.comments]


class IssueContract:
    """The suite. Subclasses give the fixture `desk`."""

    def test_a_home_without_issues_is_read_as_such(self, desk: Desk) -> None:
        reading = desk.read()
        assert (reading.connector, reading.issues, reading.missing, reading.unread) == (desk.home.connector, (), (), ())

    def test_a_known_issue_that_is_not_there_is_missing(self, desk: Desk) -> None:
        reading = desk.read(desk.unknown)
        assert (reading.issues, reading.missing, reading.unread) == ((), (desk.unknown,), ())

    def test_an_issue_is_made_once_and_read_as_it_was_wanted(self, desk: Desk) -> None:
        status, created = desk.create()
        issue = desk.issue()
        assert (status, created) == ("done", Created(issue.ref.id, issue.uid, issue.url))
        assert (issue.ref.container, issue.markup, issue.title) == (desk.home, desk.markup, "1.0")
        assert mark("issue", MILESTONE, desk.markup) in (issue.body or "")
        assert (issue.closed, issue.labels, issue.comments) == (False, (LABEL,), ())
        assert issue.author is not None
        assert desk.create() == ("already", created)
        assert desk.issue() == issue
        assert desk.written() == 1

    def test_each_milestone_has_an_issue_of_its_own(self, desk: Desk) -> None:
        first, second = desk.create(), desk.create("mba9876543210")
        assert (first[0], second[0]) == ("done", "done")
        assert len({each.ref for each in desk.read().issues}) == 2

    def test_an_issue_is_read_once_by_its_home_and_its_address(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        assert desk.read(issue.ref).issues == (issue,)
        alone = desk.make().read_issues(IssueScope(known=(issue.ref,)))
        assert (alone.issues, alone.missing, alone.unread) == ((issue,), (), ())

    def test_a_comment_is_made_once_and_read(self, desk: Desk) -> None:
        desk.create()
        made = desk.comment(desk.issue())
        issue = desk.issue()
        found = desk.comment(issue)
        (held,) = desk.issue().comments
        assert (made.status, found.status) == ("done", "already")
        assert [each.created and each.created.id for each in (made, found)] == [held.id, held.id]
        assert mark("answer", "a1", desk.markup) in held.body
        assert (held.author, held.edited_at, held.editor) == (issue.author, None, None)
        assert desk.written() == 2

    def test_what_people_wrote_is_read_with_its_author(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        said = [desk.say(issue.ref, text) for text in ("/approve", "/reject")]
        held = desk.issue().comments
        assert ([each.id for each in held], [each.body for each in held]) == (said, ["/approve", "/reject"])
        assert {each.author for each in held}.isdisjoint({issue.author, None})

    def test_the_same_mark_by_somebody_else_does_not_count(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        desk.say(issue.ref, desk.text(SAID, "answer", "a1"))
        assert desk.comment(issue).status == "done"

    def test_a_comment_is_stale_where_people_wrote_after_what_was_seen(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        seen = desk.say(issue.ref, "/approve")
        assert desk.comment(issue, name="a0", seen=seen).status == "done"
        assert desk.comment(issue, name="a1", seen=seen).status == "done"
        last = desk.say(issue.ref, "/reject")
        written = desk.written()
        assert desk.comment(issue, name="a2", seen=seen).status == "stale"
        assert desk.written() == written
        assert desk.comment(issue, name="a2", seen=last).status == "done"

    def test_a_comment_is_rewritten_where_it_says_what_was_read(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        desk.comment(issue)
        (held,) = desk.issue().comments
        assert desk.edit(issue, held.id).status == "done"
        assert desk.edit(issue, held.id).status == "already"
        assert desk.written() == 3
        assert desk.edit(issue, held.id, "Something else.").status == "stale"
        assert desk.written() == 3

    def test_an_edit_that_changes_nothing_is_a_look(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        desk.comment(issue)
        (held,) = desk.issue().comments
        written = desk.written()
        assert desk.edit(issue, held.id, SAID).status == "already"
        desk.rewrite(issue.ref, held.id, "ours now")
        assert desk.edit(issue, held.id, SAID).status == "stale"
        assert desk.written() == written

    def test_what_people_made_of_a_comment_is_left_alone(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        desk.comment(issue)
        (held,) = desk.issue().comments
        desk.rewrite(issue.ref, held.id, "ours now")
        assert desk.edit(issue, held.id).status == "stale"
        assert desk.written() == 2

    def test_a_title_is_written_where_nobody_changed_it(self, desk: Desk) -> None:
        desk.create()
        issue = desk.issue()
        change = Change("c1", "w4", "issue", "program", issue.ref, issue.uid, "title", "1.0", "2.0", "")
        label = replace(change, id="c2", field="label", before=None, after="docs")
        assert [each.status for each in desk.make().apply([change, label])] == ["done", "done"]
        held = desk.issue()
        assert (held.title, held.body, "docs" in held.labels) == ("2.0", issue.body, True)
        written = desk.written()
        assert [each.status for each in desk.make().apply([change, label])] == ["already", "already"]
        other = replace(change, before="1.5", after="3.0")
        assert [each.status for each in desk.make().apply([other])] == ["stale"]
        assert (desk.issue().title, desk.written()) == ("2.0", written)

    @pytest.mark.parametrize("field", ["state", "label"])
    def test_a_field_of_an_issue_is_written(self, desk: Desk, field: str) -> None:
        desk.create()
        issue = desk.issue()
        before, after = {"state": ("open", "closed"), "label": (None, "docs")}[field]
        change = Change("c1", "w4", "issue", "program", issue.ref, issue.uid, field, before, after, "")
        assert [each.status for each in desk.make().apply([change])] == ["done"]
        held = desk.issue()
        assert (held.closed, "docs" in held.labels) == (field == "state", field == "label")
        assert [each.status for each in desk.make().apply([change])] == ["already"]
