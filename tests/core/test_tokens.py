"""Words for what is not there yet, and what apply makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc import escape
from mdpc.applying import apply_plan
from mdpc.changes import Change, Created, Entry, Outcome, OutcomeStatus, Plan, Refusal
from mdpc.memory import Memory, Remembered, comment, print_of
from mdpc.model import Ref
from mdpc.notes import canonical
from mdpc.tokens import (
    Made,
    record_print,
    resolved,
    seed,
    seeds_in,
    token_id,
    token_print,
    token_uid,
    token_url,
)
from tests.core.build import NOW, container, record
from tests.core.test_in_step import Company

SEED = seed("m0123456789ab", container("jira:API"))
MADE = Created("10010", "uid-10010", "https://acme.example/browse/10010")
TOKENS = [token_id(SEED), token_url(SEED), token_uid(SEED), token_print(SEED)]


def change(write: str, field: str = "status", after: str | None = "text", **facts: Any) -> Change:
    """A change whose write names its record."""
    ref = Ref.parse(write.partition(" ")[0])
    known: dict[str, Any] = {
        "id": f"{write} {field}",
        "kind": "status",
        "program": "p",
        "uid": "",
        "before": None,
        "why": "",
    }
    return Change(**{**known, "write": write, "ref": ref, "field": field, "after": after, **facts})


def creation(where: str = "jira:API", of: str = SEED, title: str = "v2.0") -> Change:
    ref = f"{where}#{token_id(of)}"
    return change(ref, "title", title, kind="create", uid=token_uid(of))


class Tracker:
    """Answers each write as it is told, and remembers what it was sent."""

    def __init__(
        self, answer: Callable[[Change], OutcomeStatus] = lambda _: "done", made: Created | None = MADE
    ) -> None:
        self.answer, self.made = answer, made
        self.sent: list[tuple[Change, ...]] = []

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        self.sent.append(tuple(changes))
        return [
            Outcome(each.id, self.answer(each), created=self.made if each.kind == "create" else None)
            for each in changes
        ]


def applied(*changes: Change, github: Tracker | None = None, jira: Tracker | None = None, **plan: Any) -> list[Change]:
    trackers: dict[str, Any] = {"github": github or Tracker(), "jira": jira or Tracker()}
    return list(apply_plan(Plan("sync", NOW, changes=changes, **plan), trackers, {}, lambda _: None).changes)


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────


def test_a_seed_is_of_one_milestone_in_one_container() -> None:
    others = {seed("m0123456789ac", container("jira:API")), seed("m0123456789ab", container("jira:WEB"))}
    assert len({SEED, *others}) == 3
    assert seed("m0123456789ab", container("jira:API")) == SEED


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_found_wherever_it_stands(token: str) -> None:
    assert seeds_in(token) == seeds_in(f'{{"x":"o {token} y"}}') == (SEED,)
    assert seeds_in(f"{token} {token}") == (SEED,)
    assert seeds_in(token.removesuffix(SEED[-1])) == seeds_in("") == ()


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "through",
    [
        escape.code,
        escape.markdown,
        escape.terminal,
        lambda text: escape.code_link("jira:API", text),
        lambda text: canonical({"a": text}),
        lambda text: comment(Memory("m0123456789ab", keeper=text)),
    ],
)
def test_no_escaping_changes_a_token(token: str, through: Callable[[str], str]) -> None:
    if not (token.startswith("https:") and through is escape.markdown):  # there it is no link, and made none
        assert token in through(token) or (token not in through("") and "jira:API" in through(token))


def test_an_address_stays_one_wherever_links_are_made() -> None:
    assert escape.web_address(token_url(SEED)) == token_url(SEED)
    assert escape.code_link("jira:API", token_url(SEED)) == f"[`jira:API`]({token_url(SEED)})"
    assert token_id(SEED) in escape.line(f"jira:API#{token_id(SEED)}")


def test_a_created_record_has_the_print_of_its_token() -> None:
    there = record("jira:API#10010", uid="uid-10010")
    awaited = record(f"jira:API#{token_id(SEED)}", uid=token_uid(SEED))
    assert print_of(awaited) == token_print(SEED)
    assert print_of(there) == record_print("jira", "uid-10010") == Made("jira", MADE).word("print")


def test_everything_of_mdpcs_own_is_filled_in() -> None:
    text = " ".join(TOKENS)
    done = resolved(
        change(f"jira:API#{token_id(SEED)} status", after=text, uid=token_uid(SEED)), {SEED: Made("jira", MADE)}
    )
    assert str(done.ref) == "jira:API#10010"
    assert done.uid == "uid-10010"
    assert done.after == f"10010 {MADE.url} uid-10010 {record_print('jira', 'uid-10010')}"


@pytest.mark.parametrize("field", ["title", "due", "state"])
def test_peoples_text_is_never_looked_into(field: str) -> None:
    asked = change("github:acme/api#1", field, token_id(SEED))
    assert resolved(asked, {SEED: Made("jira", MADE)}) == asked


def test_what_is_not_made_yet_stays_a_token() -> None:
    asked = change("github:acme/api#1", after=f"{token_id(SEED)} {token_id('n' + 'f' * 12)}")
    assert resolved(asked, {}) == asked
    assert resolved(asked, {SEED: Made("jira", MADE)}).after == f"10010 {token_id('n' + 'f' * 12)}"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://[", "ftp://x/y"])
def test_an_address_that_is_none_becomes_none(url: str) -> None:
    made = Made("jira", replace(MADE, url=url))
    assert resolved(change("github:acme/api#1", after=f"<{token_url(SEED)}>"), {SEED: made}).after == "<>"


def test_a_member_that_is_still_to_be_created_is_remembered_by_its_token() -> None:
    member = Remembered(token_print(SEED), "c0123456789ab", "open", Ref(container("jira:API"), token_id(SEED)))
    text = comment(Memory("m0123456789ab", "uid-1", members=(member,)))
    done = resolved(change("github:acme/api#1", after=text), {SEED: Made("jira", MADE)})
    there = Remembered(record_print("jira", "uid-10010"), "c0123456789ab", "open", Ref.parse("jira:API#10010"))
    assert done.after == comment(Memory("m0123456789ab", "uid-1", members=(there,)))


# ── Applying ──────────────────────────────────────────────────────────────────────────────────────


def test_what_needs_a_creation_is_sent_with_what_it_gave_rise_to() -> None:
    made = creation()
    mirror = change(f"{made.write} status", after=f"{token_id(SEED)}", ref=made.ref, uid=made.uid, needs=(made.write,))
    keeper = change("github:acme/api#1", after=f"<{token_url(SEED)}>", needs=(made.write,))
    github, jira = Tracker(), Tracker()
    done = applied(keeper, mirror, made, github=github, jira=jira)
    assert [each.outcome for each in done] == ["done"] * 3
    assert [[each.kind for each in write] for write in jira.sent] == [["create"], ["status"]]
    assert (str(jira.sent[1][0].ref), jira.sent[1][0].uid, jira.sent[1][0].after) == (
        "jira:API#10010",
        "uid-10010",
        "10010",
    )
    assert github.sent[0][0].after == f"<{MADE.url}>"
    assert [str(each.ref) for each in done] == ["github:acme/api#1", "jira:API#10010", "jira:API#10010"]


@pytest.mark.parametrize("outcome", ["stale", "failed", "unknown"])
def test_what_needs_a_creation_that_failed_is_withheld(outcome: OutcomeStatus) -> None:
    made = creation()
    keeper = change("github:acme/api#1", after=token_url(SEED), needs=(made.write,))
    other = change("github:acme/api#2")
    github = Tracker()
    done = applied(made, keeper, other, github=github, jira=Tracker(lambda _: outcome, None))
    assert [each.outcome for each in done] == [outcome, "withheld", "done"]
    assert done[1].answer == "what it depends on was not written"
    assert len(github.sent) == 1


def test_a_creation_that_says_not_what_it_made_leaves_its_dependants_unwritten() -> None:
    made = creation()
    keeper = change("github:acme/api#1", after=token_url(SEED), needs=(made.write,))
    assert [each.outcome for each in applied(made, keeper, jira=Tracker(made=None))] == ["done", "withheld"]


def test_a_write_is_withheld_as_a_whole() -> None:
    made = creation()
    both = [
        change("github:acme/api#1", "due", "2026-12-01", kind="update"),
        change("github:acme/api#1", after=token_url(SEED), needs=(made.write,)),
    ]
    github = Tracker()
    done = applied(made, *both, github=github, jira=Tracker(lambda _: "failed", None))
    assert [each.outcome for each in done] == ["failed", "withheld", "withheld"]
    assert github.sent == []


def test_what_follows_waits_but_is_not_held_back() -> None:
    link = change("jira:API#1 link x", "link", "https://x.example")
    keeper = change("github:acme/api#1", follows=(link.write,))
    done = applied(keeper, link, jira=Tracker(lambda _: "failed"))
    assert [each.outcome for each in done] == ["done", "failed"]


def test_writes_that_wait_for_each_other_end() -> None:
    one = change("github:acme/api#1", needs=("github:acme/api#2",))
    other = change("github:acme/api#2", needs=("github:acme/api#1", "github:acme/api#2"))
    assert {each.outcome for each in applied(one, other)} <= {"done", "withheld"}


def test_titles_and_names_that_look_like_tokens_are_text() -> None:
    alien = f"{token_id('n' + '0' * 12)} {token_url('n' + 'f' * 12)}"
    made = creation(title=alien)
    status = change("github:acme/api#1", after=f"owner {alien}, {token_id(SEED)}", needs=(made.write,))
    github, jira = Tracker(), Tracker()
    assert [each.outcome for each in applied(made, status, github=github, jira=jira)] == ["done", "done"]
    assert github.sent[0][0].after == f"owner {alien}, 10010"
    assert jira.sent[0][0].after == alien


def test_a_milestone_whose_title_is_a_token_is_kept_in_step() -> None:
    company = Company(sync={"create": ["jira"]})
    title = f"v2 {token_id('n0123456789ab')} {token_url('n0123456789ab')}"
    company.github.add("acme/api", title, description=f"Owner: {token_uid('n0123456789ab')}")
    company.settled()
    assert [held.title for held in company.jira.boxes["API"].records.values()] == [title]


def page(**milestones: object) -> str:
    return canonical({"v": 1, "pages": 1, "milestones": milestones})


def note(after: str | None, *entries: Entry, before: str | None = None) -> Change:
    return change("jira:API#mdpc.p.0", "memory", after, kind="memory", before=before, entries=entries)


def test_an_entry_stays_as_it_was_where_what_it_needs_failed() -> None:
    bad, good = change("github:acme/api#1"), change("github:acme/api#2")
    noted = note(
        page(m1="new", m2="new", m3="old"),
        Entry("m1", (bad.write,), canonical("old")),
        Entry("m2", (good.write,), None),
        before=page(m1="old", m3="old"),
    )
    jira = Tracker()
    github = Tracker(lambda each: "stale" if each.write == bad.write else "done")
    done = applied(bad, good, noted, github=github, jira=jira)
    assert [each.outcome for each in done] == ["stale", "done", "done"]
    assert jira.sent[0][0].after == page(m1="old", m2="new", m3="old")


def test_a_page_on_which_nothing_is_new_any_more_is_withheld() -> None:
    bad = change("github:acme/api#1")
    noted = note(page(m1="new"), Entry("m1", (bad.write,), canonical("old")), before=page(m1="old"))
    done = applied(bad, noted, github=Tracker(lambda _: "failed"))
    assert [each.outcome for each in done] == ["failed", "withheld"]


def test_an_entry_that_was_to_go_stays_where_what_it_needs_failed() -> None:
    bad = change("github:acme/api#1")
    noted = note(None, Entry("m1", (bad.write,), canonical("old")), before=page(m1="old"))
    done = applied(bad, noted, github=Tracker(lambda _: "failed"))
    assert [each.outcome for each in done] == ["failed", "withheld"]


def test_a_page_names_what_was_created() -> None:
    made = creation()
    noted = note(page(m1=token_print(SEED)), Entry("m1", (made.write,), None))
    jira = Tracker()
    assert [each.outcome for each in applied(noted, made, jira=jira)] == ["done", "done"]
    assert jira.sent[1][0].after == page(m1=record_print("jira", "uid-10010"))


def test_what_limits_refused_is_withheld_with_all_that_needs_it() -> None:
    made = creation()
    keeper = change("github:acme/api#1", after=token_url(SEED), needs=(made.write,))
    github, jira = Tracker(), Tracker()
    done = applied(made, keeper, github=github, jira=jira, refused=(Refusal("p", "changes", 2, 1, "too many"),))
    assert [(each.outcome, each.answer) for each in done] == [("withheld", "too many")] * 2
    assert github.sent == jira.sent == []


@given(st.text(), st.sampled_from(TOKENS))
def test_only_tokens_are_replaced(text: str, token: str) -> None:
    done = resolved(change("github:acme/api#1", after=f"{text} {token} {text}"), {SEED: Made("jira", MADE)})
    assert str(done.after).startswith(f"{text} ")
    assert str(done.after).endswith(f" {text}")
    assert seeds_in(str(done.after)) == ()
