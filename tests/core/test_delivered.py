"""What is said of an achieved milestone besides that it is: what was done and by whom, and that nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mdpc import run
from mdpc.coordination import Delivered
from mdpc.model import Account, ContainerRef, Ref
from mdpc.plan import Request
from tests.core.test_celebrating import DUE, Party
from tests.core.test_escalation_in_step import at
from tests.core.test_gates_in_step import RELEASE
from tests.core.test_in_step import PLATFORM, ROOMY, Company


def ref_of(party: Party) -> Ref:
    return Ref(ContainerRef("github", "acme/api"), str(party.held.number))


def done(ref: Ref, number: int, who: str = "bob-gh", title: str = "", *, bot: bool = False) -> Delivered:
    """A closed issue of acme/api; those with higher numbers were closed later."""
    moment = at(DUE - timedelta(days=60 - number))
    name = f"acme/api#{number}"
    url = f"https://github.example/{number}"
    return Delivered(ref, name, title or f"Part {number}", url, Account("github", who, who, bot), moment)


def achieved(party: Party) -> list[str]:
    """The lines of what is said once it is closed."""
    party.close(DUE)
    party.settled(DUE)
    (comment,) = party.said()
    return comment.splitlines()


def test_up_to_ten_issues_are_named_the_latest_first_and_the_rest_is_counted() -> None:
    party = Party()
    ref = ref_of(party)
    party.acme.github.desk.delivered[ref] = [done(ref, number) for number in range(12)]
    lines = [line for line in achieved(party) if line.startswith("  - ")]
    assert lines == [f"  - [`acme/api#{n}`](https://github.example/{n}) Part {n}" for n in range(11, 1, -1)]


def test_who_did_it_is_named_once_without_a_mention_and_no_bot() -> None:
    party = Party()
    ref = ref_of(party)
    who = [("bob-gh", False), ("zoe", False), ("zoe", False), ("robot", True)]
    party.acme.github.desk.delivered[ref] = [
        done(ref, number, login, bot=bot) for number, (login, bot) in enumerate(who, start=1)
    ]
    lines = achieved(party)
    assert "- Done by `zoe`, `bob-gh`." in lines
    assert "robot" not in "\n".join(lines)
    assert [line.count("@") for line in lines if "@" in line] == [1]


def test_a_hostile_title_neither_mentions_nor_marks_up_nor_forges_a_mark() -> None:
    party = Party()
    ref = ref_of(party)
    title = "<!-- mdpc:notice n1 --> @mallory [x](https://evil.example) `code` {{ 7 * 7 }}"
    party.acme.github.desk.delivered[ref] = [done(ref, 1, title=title)]
    (line,) = [line for line in achieved(party) if line.startswith("  - ")]
    assert line == (
        "  - [`acme/api#1`](https://github.example/1) &lt;!-- mdpc:notice n1 --&gt; @&#8203;mallory "
        r"\[x\](https:&#8203;//evil.example) \`code\` {{ 7 \* 7 }}"
    )


def test_in_public_only_what_public_records_delivered_is_told() -> None:
    party = Party(programs=[{**PLATFORM, "home": "github:acme/web"}])
    party.acme.github.boxes["acme/web"].public = True
    web = party.acme.github.add("acme/web", "v1.0", due=DUE)
    party.sync(DUE - timedelta(days=10))
    shown = Ref(ContainerRef("github", "acme/web"), str(web.number))
    hidden = ref_of(party)
    party.acme.github.desk.delivered = {shown: [done(shown, 1)], hidden: [done(hidden, 2, "carol-gh")]}
    party.close(DUE)
    web.closed, web.closed_at = True, DUE - timedelta(days=1)
    party.settled(DUE)
    (issue,) = party.acme.github.desk.issues["acme/web"].values()
    (text,) = [each.body for each in issue.comments if " is achieved" in each.body]
    assert "acme/api#1" in text
    assert "acme/api#2" not in text
    assert "carol" not in text
    assert f"closed on {DUE - timedelta(days=1)}" in text


def test_what_was_delivered_is_asked_only_while_it_is_to_be_said() -> None:
    party = Party(escalation={"workdays": True})
    saturday = DUE + timedelta(days=2)
    assert party.acme.github.desk.asked == party.acme.jira.desk.asked == []
    party.close(saturday)
    for number in range(6):
        party.sync(saturday + timedelta(days=number))
    assert set(party.acme.github.desk.asked) == {ref_of(party)}
    assert len(party.acme.github.desk.asked) == 3, "on both days off and on Monday"


@pytest.mark.parametrize("comments", [0, 1])
def test_what_a_limit_holds_back_is_said_by_the_next_run(comments: int) -> None:
    party = Party(celebrate={})
    party.close(DUE)
    roomy = party.acme.settings
    tight = roomy.limits.model_copy(update={"comments": comments})
    party.acme.settings = roomy.model_copy(update={"limits": tight})
    party.sync(DUE)
    party.acme.settings = roomy
    party.settled(DUE + timedelta(days=1))
    assert len(party.said()) == 1
    assert party.issue.closed


def test_what_a_limit_holds_back_is_not_forgotten_by_notes_either() -> None:
    jira = {"name": "platform", "members": [{"ref": "jira:API"}], "home": "jira:API"}
    tables: dict[str, Any] = {"programs": [jira], "celebrate": {}, "limits": ROOMY}
    acme, tight = Company(**tables), Company(**{**tables, "limits": {**ROOMY, "comments": 0}})
    versions = [acme.jira.add("API", title, due=DUE) for title in ("v1.0", "v2.0")]
    acme.settled(at(DUE - timedelta(days=9)))
    versions[0].closed, versions[0].closed_at = True, DUE
    run.sync(run.plan(tight.settings, acme.connectors, Request("sync", at(DUE))), acme.connectors, lambda _: None)
    assert not acme.jira.desk.issues
    acme.settled(at(DUE + timedelta(days=1)))
    issue = acme.jira.desk.one("API")
    assert [" is achieved" in each.body for each in issue.comments].count(True) == 1


@pytest.mark.parametrize(("days", "times"), [(10, 1), (11, 0)])
def test_what_was_closed_further_back_than_history_goes_is_not_said(days: int, times: int) -> None:
    party = Party(history="10d", gates=[{**RELEASE, "approvals": 1, "on_bypass": "report"}])
    party.close(DUE)
    party.settled(DUE)
    party.acme.github.desk.say(party.issue, "bob-gh", "/approve release-review")
    party.settled(DUE + timedelta(days=days))
    assert len(party.said()) == times


@pytest.mark.parametrize(
    ("done", "said"), [(date(2026, 12, 30), "Of the last date it was on time."), (date(2027, 1, 10), "1 day late")]
)
def test_it_says_how_late_it_is_for_the_last_date_as_well(done: date, said: str) -> None:
    party = Party()
    party.held.due = date(2027, 1, 9)
    party.settled(DUE - timedelta(days=10))
    party.close(done)
    party.settled(done)
    (comment,) = party.said()
    assert any(said in line and "last date" in line for line in comment.splitlines())


def test_it_is_said_in_german() -> None:
    party = Party(escalation={"language": "de"})
    party.close(DUE)
    party.settled(DUE)
    (text,) = [each.body for each in party.issue.comments if " ist erreicht" in each.body]
    assert text.splitlines()[:3] == [
        "@alice-gh: v1.0 ist erreicht, rechtzeitig.",
        "",
        "- Geschlossen am 2026-12-10; zuerst zugesagt für den 2026-12-10.",
    ]
    assert party.team.sent[0].subject == "v1.0 ist erreicht"
    assert "Hier wird darüber gesprochen" in party.team.sent[0].text
