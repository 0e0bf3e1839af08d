"""Whose a program and a container is, where a run is divided: always somebody's, and never two shards'."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.matching import may_overlap
from mdpc.model import Container, ContainerRef, Reading
from mdpc.settings import Program
from mdpc.shard import Shard
from mdpc.sharding import Names, Share, Whose, groups_of, narrowed, ours
from tests.core.build import record, settings

NAMES = [f"acme/{name}" for name in ("api", "api-2", "web", "web-a", "Web-B", "docs", "x[1]", "lib")]
PATTERNS = [*NAMES, "acme/*", "acme/web-*", "acme/*-2", "acme/[ad]*", "acme/w?b", "other/api"]
MEMBERS = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique_by=str.casefold)


def programs(members: Sequence[Sequence[str]]) -> tuple[Program, ...]:
    return tuple(
        Program.model_validate({"name": f"p{number}", "members": [f"github:{each}" for each in several]})
        for number, several in enumerate(members)
    )


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/1001", "1.5/2", "٣/٤"])
def test_what_is_no_shard_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="write I/N, such as 2/8"):
        Shard.of(text)


def test_a_shard_is_spelt_as_it_is_read() -> None:
    assert str(Shard.of(" 2/8 ")) == "2/8"
    assert [str(Shard.of(f"{number}/3")) for number in (1, 2, 3)] == ["1/3", "2/3", "3/3"]


def test_a_name_falls_to_the_same_shard_on_every_machine_and_in_every_release() -> None:
    fallen = {name: next(i for i in range(1, 9) if Shard(i, 8).takes(name)) for name in ("platform", "web", "jira:API")}
    assert fallen == {"platform": 8, "web": 2, "jira:API": 4}
    assert all(Shard(number, 8).takes("Jira:api") is (number == fallen["jira:API"]) for number in range(1, 9))


@given(st.lists(MEMBERS, max_size=6), st.integers(1, 5))
def test_every_program_is_in_one_shard_with_all_that_it_may_share_a_container_with(
    members: list[list[str]], count: int
) -> None:
    config = settings(programs=[each.model_dump() for each in programs(members)])
    taken = [narrowed(config, Shard(number, count))[0].programs for number in range(1, count + 1)]
    assert sorted(each.name for several in taken for each in several) == [each.name for each in config.programs]
    where = {each.name: number for number, several in enumerate(taken) for each in several}
    for one in config.programs:
        for other in config.programs:
            if any(may_overlap(a.ref, b.ref) for a in one.members for b in other.members):
                assert where[one.name] == where[other.name]


@given(st.lists(MEMBERS, max_size=6), st.permutations(range(6)))
def test_groups_are_those_that_comparing_all_with_all_gives(members: list[list[str]], order: list[int]) -> None:
    found = programs(members)
    expected = {each.name: {each.name} for each in found}
    for one in found:
        for other in found:
            if any(may_overlap(a.ref, b.ref) for a in one.members for b in other.members):
                both = expected[one.name] | expected[other.name]
                expected |= dict.fromkeys(both, both)
    shuffled = [found[number] for number in order if number < len(found)]
    assert groups_of(shuffled) == {name: min(several) for name, several in expected.items()}


@given(st.lists(MEMBERS, max_size=5), st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=2), st.data())
def test_no_container_is_ever_two_shards_and_each_is_somebodys_unless_disputed(
    members: list[list[str]], now: str, before: list[str], data: st.DataObject
) -> None:
    """Each shard knows of former names those that its own programs spell out, and all where that matters."""
    count = data.draw(st.integers(1, 4))
    config = settings(programs=[each.model_dump() for each in programs(members)])
    said = []
    for number in range(1, count + 1):
        share = narrowed(config, Shard(number, count))[1]["github"]
        former = [name for name in before if name.casefold() in share.own.exact]
        if share.may_be_ours(now, former):
            former += [name for name in before if name.casefold() in share.elsewhere]
        said.append(share.whose(now, former))
    assert said.count(Whose.OURS) <= 1
    assert Whose.DISPUTED in said or said.count(Whose.OURS) == 1


def test_a_container_goes_where_the_program_is_that_knew_it_by_a_former_name() -> None:
    own, other = Names.of(["acme/old"]), Names.of(["acme/else"])
    for number in (1, 2):
        shard = Shard(number, 2)
        assert Share(shard, "github", own).whose("acme/new", ["acme/old"]) is Whose.OURS
        assert Share(shard, "github", others=own).whose("acme/new", ["acme/old"]) is Whose.THEIRS
        both = Share(shard, "github", own, other)
        assert both.whose("acme/new", ["acme/old", "acme/else"]) is Whose.DISPUTED
        assert both.whose("acme/else", ["acme/old"]) is Whose.DISPUTED
        assert both.whose("acme/old", ["acme/else"]) is Whose.OURS


def test_without_a_shard_nothing_is_divided() -> None:
    config = settings(programs=[{"name": "platform", "members": ["github:acme/api"]}])
    assert narrowed(config, None) == (config, {})


def test_only_the_programs_are_narrowed() -> None:
    config = settings(
        programs=[{"name": name, "members": [f"github:acme/{name}"]} for name in ("a", "b", "c", "d")],
        owners={"map": {"b/*": "alice"}},
        waivers=[{"match": "c/*", "rules": ["overdue"], "until": "2027-01-01", "reason": "agreed"}],
    )
    for number in (1, 2, 3):
        mine, shares = narrowed(config, Shard(number, 3))
        assert mine.model_copy(update={"programs": config.programs}) == config
        share = shares["github"]
        assert share.own.exact | share.others.exact == {f"acme/{name}" for name in ("a", "b", "c", "d")}
        assert not share.own.exact & share.others.exact


def test_what_a_connector_reads_of_other_shards_all_the_same_is_left_out() -> None:
    refs = [ContainerRef("github", f"acme/{name}") for name in ("mine", "now", "theirs", "lib")]
    reading = Reading(
        "github",
        tuple(Container(ref, ref.name, "https://github.example") for ref in refs),
        tuple(record(f"{ref}#1") for ref in refs),
        renamed=((ContainerRef("github", "acme/before"), refs[1]), (ContainerRef("github", "acme/else"), refs[2])),
        notes={ref: {"key": "{}"} for ref in refs},
    )
    own, others = Names.of(["acme/mine", "acme/before"]), Names.of(["acme/theirs"])
    parts = [ours(reading, Share(Shard(number, 2), "github", own, others)) for number in (1, 2)]
    read = [{each.ref.name for each in part.containers} for part in parts]
    assert sorted(read, key=len) == [{"acme/mine", "acme/now"}, {"acme/mine", "acme/now", "acme/lib"}]
    for part in parts:
        kept = {each.ref for each in part.containers}
        assert {each.ref.container for each in part.records} == set(part.notes) == kept
        assert [now for _, now in part.renamed] == [refs[1]]
        assert part.elsewhere == 4 - len(kept)
    assert ours(reading, None) is reading
