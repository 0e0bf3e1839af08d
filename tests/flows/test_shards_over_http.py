"""A run that several jobs share, as people meet it: the command line, real connectors, a sandbox, and a last job."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mdpc_channels.webhook import WebhookChannel
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.channels.receivers import Web, web
from tests.flows.rehearsal import WRITE, Rehearsal, Said, typed
from tests.flows.test_channels_over_http import SECRET
from tests.memory_tracker import Killed

COUNT = 3
PROGRAMS = ("alpha", "beta", "gamma", "delta")
"""By their names they fall to all three shards."""

CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[connectors.jira]
url = "{jira}"
deployment = "cloud"
projects = ["*"]
[people.alice]
github = "alice-gh"
jira = "alice-j"
[sync]
create = ["jira"]
[escalation]
BUDGET
[[escalation.steps]]
at = "+1d"
to = ["owner"]
via = ["board"]
[[escalation.steps]]
at = "+5d"
to = ["owner"]
via = ["board"]
[channels.board]
type = "webhook"
url = "BOARD"
[digest]
every = "monday"
to = ["alice"]
via = ["board"]
[writeback]
dashboard = true
[limits]
adopt = 100
comments = 100
"""
PROGRAM = """
[[programs]]
name = "NAME"
members = ["github:acme/NAME", "jira:KEY"]
home = "HOME"
"""
FIRST, LATE = "2026-11-23", "2026-12-03"


def seed(dues: dict[str, str] | None = None, alone: int = 4) -> dict[str, Any]:
    """A repository and a project for each program, and some repositories and a project that no program names."""
    dues = dues or dict.fromkeys(PROGRAMS, "2026-12-01")
    own = [
        {"name": f"acme/{name}", "private": True, "milestones": [_milestone("v1.0", dues[name])]} for name in PROGRAMS
    ]
    others = [
        {"name": f"acme/tool-{number}", "private": True, "milestones": [{"title": "v1.0", "due": "2027-01-01"}]}
        for number in range(alone)
    ]
    keys = [*(name[:3].upper() for name in PROGRAMS), "LONE"]
    projects = [
        {"key": key, "name": key, "private": True, "versions": [{"name": "v1.0"}] if key != "ALP" else []}
        for key in keys
    ]
    users = [{"id": "alice-j", "rights": "read"}]
    return {
        "github": {"repositories": [*own, *others]},
        "jira": {"deployment": "cloud", "users": users, "projects": projects},
    }


def _milestone(title: str, due: str) -> dict[str, Any]:
    return {"title": title, "due": due, "description": "Owner: @alice-gh"}


def rehearsal(
    sandbox: Sandbox, folder: Path, board: Web, budget: str = "", home: str = "github:acme/NAME"
) -> Rehearsal:
    text = CONFIGURATION.replace("BOARD", board.url).replace("BUDGET", budget)
    text += "".join(
        PROGRAM.replace("HOME", home).replace("NAME", name).replace("KEY", name[:3].upper()) for name in PROGRAMS
    )
    folder.mkdir(exist_ok=True)
    return Rehearsal(sandbox, folder, text, {**WRITE, **SECRET}, now=FIRST)


def shards(acme: Rehearsal, command: str = "sync", *options: str, of: tuple[int, ...] = (1, 2, 3)) -> list[Path]:
    """All shards of a run, and the files that they keep."""
    files = []
    for number in of:
        file = acme.folder / f"{command}-{number}.json"
        ran = acme.mdpc(command, "--shard", f"{number}/{COUNT}", "--save", str(file), *options)
        assert ran.status == 0, ran.out + ran.err
        files.append(file)
    return files


def send(acme: Rehearsal, files: list[Path], *options: str) -> Said:
    return acme.json("send", *options, *map(str, files))


def told(board: Web) -> Counter[str]:
    """The programs whose milestones the board was told of, and how often."""
    bodies = [json.loads(each.body) for each in board.received]
    return Counter(each["milestone"].partition("/")[0] for each in bodies if each["milestone"])


def clock() -> datetime:
    return datetime(2026, 12, 3, 9, tzinfo=UTC)


def state(sandbox: Sandbox) -> dict[str, Any]:
    """All that trackers hold, but for ids (and their fingerprints) that tell in which order things were made."""
    held: dict[str, Any] = {}
    for name in (*(f"acme/{each}" for each in PROGRAMS), *(f"acme/tool-{number}" for number in range(4))):
        repository = sandbox.github.repository(name)
        held[name] = [
            *((each.title, each.description, each.state, str(each.due_on)) for each in repository.milestones.values()),
            *((each.title, each.body, sorted(c.body for c in each.comments)) for each in repository.issues.values()),
        ]
    for key, project in sandbox.jira.projects.items():
        versions = sorted(json.dumps(each.raw, sort_keys=True, default=str) for each in project.versions)
        held[key] = [versions, json.dumps(project.properties, sort_keys=True, default=str)]
    text = json.dumps(held, indent=1, default=str).replace(sandbox.url, "URL")
    found: dict[str, Any] = json.loads(re.sub(r"(?<![0-9-])1\d{4}(?!\d)|\br[0-9a-f]{12}\b", "N", text))
    return found


@pytest.fixture
def board() -> Iterator[Web]:
    with web() as running:
        yield running


def test_shards_and_a_last_job_do_what_one_run_does(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as one, Sandbox(seed(), clock=clock) as other, web() as whole_board:
        whole = rehearsal(one, tmp_path / "whole", whole_board)
        parts = rehearsal(other, tmp_path / "parts", board)
        for day in (FIRST, LATE):
            whole.now = parts.now = day
            assert whole.json("sync").status == 0
            files = shards(parts)
            assert board.received == []
            sent = send(parts, files)
            assert sent.status == 0, sent.out
        assert {each["outcome"] for each in sent.json["messages"]} == {"done"}
        assert told(board) == told(whole_board) == dict.fromkeys(PROGRAMS, 1)
        assert parts.json("plan").json["changes"] == whole.json("plan").json["changes"] == []
        assert parts.json("plan").json["messages"] == []
        assert state(other) == state(one)


def containers(files: list[Path]) -> list[str]:
    """The containers whose records the saved runs tell of, as often as they do."""
    plans = [json.loads(file.read_text(encoding="utf-8"))["plan"] for file in files]
    read = [
        {record["ref"]["container"]["name"] for m in plan["milestones"] for record in m["records"]} for plan in plans
    ]
    return sorted(name for several in read for name in several)


@pytest.mark.parametrize("graphql", [True, False])
def test_each_container_is_read_by_one_shard_alone_and_none_costs_what_all_do(
    graphql: bool, tmp_path: Path, board: Web
) -> None:
    many = seed(alone=120)
    with Sandbox(many, graphql=graphql) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        whole = acme.json("check", "--fail-on", "never").json
        counts = []
        for number in range(1, COUNT + 1):
            sandbox.log.clear()
            ran = acme.json("check", "--fail-on", "never", "--shard", f"{number}/{COUNT}")
            assert (ran.status, ran.json["shard"], ran.json["unread"]) == (0, f"{number}/{COUNT}", [])
            asked = [entry.path for entry in sandbox.log.entries]
            names = {found[1] for path in asked if (found := re.search(r"repos/(acme/[^/]+)/milestones", path))}
            counts.append((ran.json, asked, names))
        told = sorted(each["key"] for ran, _, _ in counts for each in ran["milestones"])
        assert told == sorted(each["key"] for each in whole["milestones"])
        for jira in ("jira", "github"):
            assert all(ran["stats"]["requests"][jira] < whole["stats"]["requests"][jira] for ran, _, _ in counts)
        if not graphql:
            assert sorted(name for _, _, names in counts for name in names) == sorted(
                each["name"] for each in many["github"]["repositories"]
            )
        versions = [re.search(r"project/(\w+)/version", path) for _, asked, _ in counts for path in asked]
        assert Counter(found[1] for found in versions if found) == dict.fromkeys(
            [*(name[:3].upper() for name in PROGRAMS), "LONE"], 1
        )


def test_a_repository_that_was_renamed_stays_with_the_program_that_names_it(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        sandbox.github.rename("acme/alpha", "acme/omega")
        files = shards(acme)
        assert containers(files) == sorted(
            ["LONE", "acme/omega", *(name[:3].upper() for name in PROGRAMS)]
            + [f"acme/{name}" for name in PROGRAMS if name != "alpha"]
            + [f"acme/tool-{number}" for number in range(4)]
        )
        assert acme.json("plan").json["changes"] == []


@pytest.mark.parametrize("home", ["github:acme/NAME", "jira:KEY"])
def test_sent_once_however_often_the_last_job_runs(home: str, tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board, home=home)
        shards(acme)
        acme.now = LATE
        files = shards(acme)
        sandbox.log.clear()
        assert send(acme, files).status == 0
        asked = [entry.path for entry in sandbox.log.entries if entry.method == "GET"]
        assert not any("milestones" in path or "version" in path or "search" in path for path in asked)
        assert len(asked) <= 3 * len(PROGRAMS) + 1
        again = send(acme, files)
        assert (again.status, {each["outcome"] for each in again.json["messages"]}) == (0, {"already"})
        assert told(board) == dict.fromkeys(PROGRAMS, 1)
        (acme.folder / "runs").mkdir()
        for file in files:
            file.rename(acme.folder / "runs" / file.name)
        assert acme.json("send", str(acme.folder / "runs")).status == 0
        assert told(board) == dict.fromkeys(PROGRAMS, 1)


def test_what_no_last_job_sent_the_next_run_has_again(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        lost = shards(acme)
        later = shards(acme)
        sent = send(acme, later)
        assert (sent.status, told(board)) == (0, dict.fromkeys(PROGRAMS, 1))
        late = send(acme, lost)
        assert {each["outcome"] for each in late.json["messages"]} == {"already"}
        assert acme.json("sync").json["messages"] == []
        assert told(board) == dict.fromkeys(PROGRAMS, 1)


def test_an_undivided_run_sends_what_shards_left(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        lost = shards(acme)
        assert acme.json("sync").status == 0
        assert told(board) == dict.fromkeys(PROGRAMS, 1)
        late = send(acme, lost)
        assert (late.status, {each["outcome"] for each in late.json["messages"]}) == (3, {"stale"})
        assert "its ledger was written since" in late.json["messages"][0]["answer"]
        assert told(board) == dict.fromkeys(PROGRAMS, 1)


def test_a_message_that_fails_stays_owed(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        files = shards(acme)
        board.status = 503
        failed = send(acme, files)
        assert (failed.status, {each["outcome"] for each in failed.json["messages"]}) == (3, {"failed"})
        board.status, board.received[:] = 204, []
        assert send(acme, files).status == 0
        assert told(board) == dict.fromkeys(PROGRAMS, 1)


def test_a_missing_shard_is_said_and_the_others_messages_go_out(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        files = shards(acme)
        sent = send(acme, files[1:])
        assert (sent.status, sent.json["absent"]) == (3, ["1/3"])
        assert 0 < len(board.received) < len(PROGRAMS)
        assert "Shard 1/3 is missing" in acme.mdpc("send", *map(str, files[1:])).out
        assert "Shard 1/3 is missing" in acme.mdpc("send", "--format", "markdown", *map(str, files[1:])).out
        assert send(acme, files).status == 0
        assert told(board) == dict.fromkeys(PROGRAMS, 1)


@pytest.mark.parametrize("after", [1, 4, 5, 7])
def test_a_last_job_that_is_killed_loses_nothing_and_repeats_only_what_was_not_noted(
    after: int, tmp_path: Path, board: Web
) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        files = shards(acme)
        steps: list[str] = []

        def dying(what: str, real: Any) -> Any:
            def call(self: Any, given: Any) -> Any:
                if what == "write" and given[0].before == given[0].after:
                    return real(self, given)
                if len(steps) >= after:
                    raise Killed
                steps.append(what)
                return real(self, given)

            return call

        with (
            mock.patch.object(WebhookChannel, "send", dying("board", WebhookChannel.send)),
            mock.patch.object(GitHubConnector, "apply", dying("write", GitHubConnector.apply)),
            suppress(Killed),
        ):
            send(acme, files)
        assert len(steps) == after
        later = shards(acme)
        assert send(acme, later).status == 0
        assert acme.json("plan").json["messages"] == []
    counts = told(board)
    noted = steps.count("write")
    assert set(counts) == set(PROGRAMS)
    assert sum(counts.values()) == len(PROGRAMS) + steps.count("board") - noted
    ids = [each.headers["webhook-id"] for each in board.received]
    assert len(set(ids)) == len(PROGRAMS)


def test_a_noise_budget_holds_over_all_shards(tmp_path: Path, board: Web) -> None:
    dues = {"alpha": "2026-12-01", "beta": "2026-11-25", "gamma": "2026-12-02", "delta": "2026-11-26"}
    with Sandbox(seed(dues), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board, "per_person_per_week = 2")
        shards(acme)
        acme.now = LATE
        files = shards(acme)
        sent = send(acme, files)
        assert sent.status == 0, sent.out
        assert told(board) == {"beta": 1, "delta": 1}
        held = [each["what"] for each in sent.json["withheld"]]
        assert sorted(held) == [f"the messages of step +1d of {each}/1.0 for alice" for each in ("alpha", "gamma")]
        assert {each["why"].rpartition(". ")[2] for each in sent.json["withheld"]} == {"The next digest tells of it"}
        assert acme.json("plan").json["messages"] == []
        board.received.clear()
        digests = shards(acme, "digest", "--now", "2026-12-07")
        assert send(acme, digests).status == 0
        (digest,) = (json.loads(each.body) for each in board.received)
        assert "alice: step +1d of v1.0" in digest["text"]
        assert digest["text"].count("Not told at the time") == 2
        again = send(acme, digests)
        assert (again.status, len(board.received)) == (0, 1)


def test_one_reader_gets_one_digest_of_all_shards(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox, Sandbox(seed(), clock=clock) as other, web() as whole_board:
        acme, whole = rehearsal(sandbox, tmp_path, board), rehearsal(other, tmp_path / "whole", whole_board)
        assert whole.json("sync").status == whole.json("digest", "--now", LATE).status == 0
        shards(acme)
        digests = shards(acme, "digest", "--now", LATE)
        assert board.received == []
        assert send(acme, digests).status == 0
        (told_here,), (told_there,) = ([json.loads(each.body) for each in one.received] for one in (board, whole_board))
        assert told_here["subject"] == told_there["subject"]
        assert told_here["id"] == told_there["id"]
        programs = [sorted(each["program"] for each in one["facts"]["programs"]) for one in (told_here, told_there)]
        assert programs[0] == programs[1]
        assert sorted(told_here["text"].replace(sandbox.url, other.url).splitlines()) == sorted(
            [*told_there["text"].splitlines()]
        )
        assert send(acme, digests).status == 0
        assert len(board.received) == 1
        assert acme.json("digest", "--now", LATE).json["messages"] == []


def test_the_shards_runs_are_one_report(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        whole = acme.json("plan").json
        files = []
        for number in range(1, COUNT + 1):
            file = tmp_path / f"plan-{number}.json"
            assert acme.mdpc("plan", "--shard", f"{number}/{COUNT}", "--save", str(file)).status == 0
            files.append(str(file))
        together = typed("report", "shards", *files, "--format", "json")
        assert (together.status, together.json["absent"]) == (0, [])
        for key in ("milestones", "findings", "changes", "notices", "conflicts", "unread"):
            ids = [sorted(json.dumps(each, sort_keys=True) for each in one[key]) for one in (together.json, whole)]
            assert ids[0] == ids[1]
        assert together.json["stats"]["records"] == whole["stats"]["records"]
        assert typed("report", "shards", *files, "--fail-on", "warn").status == 1
        missing = typed("report", "shards", *files[:2])
        assert missing.status == 3
        assert "Shard 3/3 is missing" in missing.out
        runs = shards(acme)
        assert typed("report", "noise", *map(str, runs), "--format", "json").json["runs"] == 3


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (("sync", "--shard", "4/3"), "--shard '4/3' is no shard: write I/N"),
        (("check", "--shard", "0/3"), "--shard '0/3' is no shard"),
        (("sync", "--shard", "1/3"), "a shard sends no messages, and channels are configured: add --save FILE"),
        (("digest", "--shard", "1/3"), "a shard sends no messages, and channels are configured: add --save FILE"),
        (("sync", "--save", "run.json"), "give --shard I/N with it"),
        (("sync", "--plan", "plan.json", "--shard", "1/3"), "leave out --only, --now, --shard, --adopt and --resume"),
        (("check", "--write-baseline", "b.json", "--shard", "1/3"), "leave out --shard"),
        (("send", "plan.json"), "plan.json cannot be read"),
        (("send",), "Missing argument 'FILE...'"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_read(
    tmp_path: Path, board: Web, command: tuple[str, ...], complaint: str
) -> None:
    with Sandbox(seed()) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        acme.now = None
        said = acme.mdpc(*command)
        assert said.status == 2
        assert complaint.lower() in " ".join(said.err.split()).lower()
        assert sandbox.log.count() == 0


def test_what_only_names_may_be_another_shards(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed()) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        found = [
            acme.json("plan", "--only", "beta/1.0", "--shard", f"{number}/{COUNT}").json["milestones"]
            for number in range(1, COUNT + 1)
        ]
        assert sorted(len(each) for each in found) == [0, 0, 1]


def test_a_shard_to_which_nothing_falls_is_fine(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed()) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        ran = [acme.mdpc("check", "--fail-on", "never", "--shard", f"{number}/60") for number in range(1, 61, 6)]
        idle = [each for each in ran if "Nothing falls to this shard" in each.out]
        assert idle
        assert {each.status for each in ran} == {0}


def test_a_saved_plan_of_a_shard_is_applied_as_one(tmp_path: Path, board: Web) -> None:
    with Sandbox(seed(), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, board)
        shards(acme)
        acme.now = LATE
        plans, files = [], []
        for number in range(1, COUNT + 1):
            plan, file = tmp_path / f"plan-{number}.json", tmp_path / f"run-{number}.json"
            assert acme.mdpc("plan", "--shard", f"{number}/{COUNT}", "--save", str(plan)).status == 0
            plans.append(plan)
            files.append(file)
        acme.now = None
        assert "add --save FILE" in acme.mdpc("sync", "--plan", str(plans[0])).err
        for plan, file in zip(plans, files, strict=True):
            assert acme.mdpc("sync", "--plan", str(plan), "--save", str(file)).status == 0
        assert board.received == []
        assert send(acme, files).status == 0
        assert told(board) == dict.fromkeys(PROGRAMS, 1)
