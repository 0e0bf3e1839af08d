"""Which records are one milestone."""

import pytest

from mdpc.join import OverlapError
from mdpc.model import Milestone
from mdpc.titles import normalise
from tests.core.build import TODAY, plan, record

PLATFORM = [
    {"name": "platform", "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web-*"}, {"ref": "jira:API"}]}
]
BLOCK = "<!-- mdpc:begin -->\n{}\n<!-- mdpc:end -->"


def by_key(*records: object, **tables: object) -> dict[str, Milestone]:
    return {each.key: each for each in plan(*records, **tables).milestones}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v1.0", "1.0"),
        ("V1.0", "v1.0"),
        (" Q3  Launch ", "q3 launch"),
        ("Release v2.0", "release 2.0"),
        ("\uff11.0", "1.0"),
        ("1.0\u00a0rc", "1.0 rc"),
    ],
)
def test_titles_that_people_read_as_one_are_one_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.1"), ("rev2", "re2"), ("v beta", "beta"), ("1.0", "1.0.0")])
def test_titles_that_differ_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_container_that_no_program_names_is_a_program_of_its_own() -> None:
    found = by_key(record("github:acme/a#1"), record("github:acme/b#1"))
    assert set(found) == {"github:acme/a/1.0", "github:acme/b/1.0"}
    assert found["github:acme/a/1.0"].program == "github:acme/a"


def test_records_of_a_program_join_by_title_in_member_order() -> None:
    records = [record("jira:API#10", "1.0"), record("github:acme/web-x#2", "V1.0"), record("github:acme/api#1", "v1.0")]
    found = by_key(*records, programs=PLATFORM)["platform/1.0"]
    assert [str(each.ref) for each in found.records] == ["github:acme/api#1", "github:acme/web-x#2", "jira:API#10"]
    assert str(found.holder.ref) == "github:acme/api#1"
    assert len(found.because) == 3


def test_the_record_at_home_holds() -> None:
    programs = [{**PLATFORM[0], "home": "jira:API"}]
    records = [record("github:acme/api#1"), record("jira:API#10", "1.0")]
    assert str(by_key(*records, programs=programs)["platform/1.0"].holder.ref) == "jira:API#10"


def test_a_title_pattern_says_which_records_take_part_and_what_the_key_is() -> None:
    programs = [
        {"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:WEB", "title": "^web (?P<key>.+)"}]}
    ]
    records = [record("github:acme/api#1", "2.0"), record("jira:WEB#1", "web 2.0"), record("jira:WEB#2", "app 2.0")]
    found = by_key(*records, programs=programs)
    assert {key: len(each.records) for key, each in found.items()} == {"p/2.0": 2, "jira:WEB/app 2.0": 1}


def test_a_record_that_two_programs_claim_stops_everything() -> None:
    programs = [
        {"name": name, "members": [{"ref": f"github:acme/{glob}"}]} for name, glob in (("a", "w*"), ("b", "*b"))
    ]
    with pytest.raises(OverlapError, match=r"github:acme/web#1 .*belongs to 2 programs: a, b\. Narrow"):
        plan(record("github:acme/web#1"), programs=programs)


def test_two_records_of_one_container_with_one_key_are_ambiguous() -> None:
    records = [record("github:acme/api#1", "v1"), record("github:acme/api#2", "1"), record("github:acme/api#3", "2")]
    found = plan(*records)
    assert {each.key: each.ambiguous for each in found.milestones} == {
        "github:acme/api/1": True,
        "github:acme/api/2": False,
    }
    assert [str(change.ref) for change in found.changes] == ["github:acme/api#3"]
    (withheld,) = found.withheld
    assert "github:acme/api#1, github:acme/api#2" in withheld.why


def test_what_was_closed_before_mdpc_saw_it_is_history_and_joins_nothing() -> None:
    records = [record("github:acme/api#1", closed=True, open_issues=3), record("github:acme/web-x#1", due=str(TODAY))]
    found = plan(*records, programs=PLATFORM)
    past = {each.key: each.history for each in found.milestones}
    assert past == {"platform/1.0": False, "platform/1.0@github:acme/api#1": True}
    assert {str(change.ref) for change in found.changes} == {"github:acme/web-x#1"}
    assert not [finding for finding in found.findings if "api" in finding.milestone]


def test_what_mdpc_saw_open_is_judged_after_it_closed() -> None:
    opened = record("github:acme/api#1", due=str(TODAY))
    (change,) = plan(opened).changes
    closed = record("github:acme/api#1", due=str(TODAY), closed=True, open_issues=2, description=change.after)
    found = plan(closed)
    assert [finding.rule for finding in found.findings] == ["closed-with-open-work"]
    assert found.milestones[0].health == "achieved"
    assert "achieved" in str(found.changes[0].after)


def test_a_copied_mark_does_not_turn_history_into_a_milestone() -> None:
    (change,) = plan(record("github:acme/api#1")).changes
    copied = record("github:acme/api#2", "old", closed=True, open_issues=2, description=change.after)
    assert plan(copied).milestones[0].history


def test_archived_versions_are_history() -> None:
    found = plan(record("jira:API#1", archived=True), record("jira:API#2", "2", archived=True, closed=True))
    assert all(each.history for each in found.milestones)
    assert not found.changes
