"""Text that means harm, in both trackers, through everything that mdpc writes or says: it is read, and does nothing."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mdpc import status
from mdpc.commands.output import Output
from mdpc.model import Markup
from mdpc.report.page import Look
from mdpc_sandbox.server import Sandbox
from tests.action.runner import Runner
from tests.channels.receivers import Mailbox, Web, mailbox, web
from tests.clock import Clock
from tests.flows.hostile import (
    LONG,
    TEXTS,
    github_effects,
    jira_effects,
    runner_commands,
    runner_lines,
    terminal_effects,
    unseen,
    wiki_effects,
)
from tests.flows.rehearsal import READ, WRITE, Rehearsal, Said, typed

CONFIGURATION = """
baseline = "baseline.json"
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
home = "HOME"
stakeholders = ["bob"]
[people.alice]
github = "alice-gh"
jira = "alice-j"
email = "alice@acme.example"
[people.bob]
github = "bob-gh"
jira = "bob-j"
email = "bob@acme.example"
[[gates]]
name = "release-review"
reviewers = ["alice", "bob"]
waivers_by = ["alice"]
on_bypass = "reopen"
[[gates]]
name = "early-look"
reviewers = ["bob"]
by = "-1d"
[celebrate]
via = ["board", "mail", "team"]
[escalation]
[[escalation.steps]]
at = "-7d"
to = ["owner", "stakeholders"]
via = ["board", "mail", "team"]
[[escalation.steps]]
at = "+1d"
to = ["owner", "stakeholders"]
[digest]
every = "daily"
to = ["stakeholders"]
via = ["board", "mail", "team"]
[writeback]
dashboard = true
[sync.fields]
state = "github"
[limits]
adopt = 1000
changes = 1000
share = 1.0
comments = 1000
[channels.board]
type = "webhook"
url = "BOARD"
[channels.mail]
type = "smtp"
host = "127.0.0.1"
port = PORT
sender = "mdpc@acme.example"
tls = "none"
[channels.team]
type = "apprise"
"""
HOMES = [("github:acme/api", "cloud"), ("jira:API", "cloud"), ("jira:API", "10.3")]
MENTIONED = {"github": ("alice-gh", "bob-gh", "mallory-gh"), "jira": ("alice-j", "bob-j", "mallory-j")}
SECRETS = ("MDPC_CONNECTORS__GITHUB__TOKEN", "MDPC_CHANNELS__BOARD__SECRET", "MDPC_CHANNELS__TEAM__URL")


def owner_line(text: str) -> str:
    """An owner who is called like that, where that names no login: whoever is named so is meant to be mentioned."""
    first = text.splitlines()[0]
    return f"Owner: {'@alice-gh' if '@' in first else first}\n\n{text}"


def seed(deployment: str) -> dict[str, Any]:
    milestones = [
        {"title": text, "due": "2026-12-01", "description": owner_line(text), "open": 1, "closed": 2} for text in TEXTS
    ]
    milestones.append({"title": LONG, "due": "2026-12-01", "description": LONG})
    issues = [
        {"title": text, "body": text, "state": "closed", "milestone": number, "closed_by": "bob-gh"}
        for number, text in enumerate(TEXTS, start=1)
    ]
    users = [{"id": f"user-{n}", "displayName": text, "rights": "read"} for n, text in enumerate(TEXTS)]
    users += [{"id": name, "displayName": name, "rights": "read"} for name in ("alice-j", "bob-j", "mallory-j")]
    versions = [
        {"name": text, "releaseDate": "2026-12-01", "description": text, "driver": f"user-{n}"}
        for n, text in enumerate(TEXTS)
    ]
    done = [{"summary": text, "fixVersions": [text], "status": "Done", "assignee": f"user-{n}"}
            for n, text in enumerate(TEXTS[:6])]  # fmt: skip
    project = {"key": "API", "name": TEXTS[4], "private": True, "versions": versions, "issues": done}
    repository = {"name": "acme/api", "private": True, "milestones": milestones, "issues": issues}
    return {
        "github": {"repositories": [repository]},
        "jira": {"deployment": deployment, "users": users, "projects": [project]},
    }


@dataclass
class Company:
    """Everything that hostile text came through."""

    acme: Rehearsal
    box: Mailbox
    board: Web
    team: Web
    folder: Path

    @property
    def sandbox(self) -> Sandbox:
        return self.acme.sandbox

    @property
    def web(self) -> tuple[str, str]:
        """Where links may lead."""
        return self.sandbox.url, "http://127.0.0.1"

    def issues(self) -> list[Any]:
        """The coordination issues and the dashboard, wherever they are."""
        found = [
            each for each in self.sandbox.github.repository("acme/api").issues.values() if "milestone" in each.labels
        ]
        project = self.sandbox.jira.project("API")
        return found + [each for each in (project.issues if project else []) if "milestone" in each.labels]

    def say(self, issue: Any, text: str, who: str = "alice") -> None:
        """A comment of somebody's."""
        if hasattr(issue, "body"):
            self.sandbox.github.add_comment(issue, f"{who}-gh", text)
            return
        jira, body = self.sandbox.jira, text
        lines = [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n") if line
        ]
        document = {"type": "doc", "version": 1, "content": lines}
        jira.add_comment(issue, jira.users[f"{who}-j"], document if jira.cloud else body)


@contextmanager
def company(folder: Path, home: str, deployment: str) -> Iterator[Company]:
    with (
        Sandbox(seed(deployment), clock=Clock(datetime(2026, 11, 20, tzinfo=UTC))) as sandbox,
        mailbox() as box,
        web() as board,
        web() as team,
    ):
        cloud = deployment == "cloud"
        text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home)
        text = text.replace("BOARD", board.url).replace("PORT", str(box.port))
        environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
        environment["MDPC_CHANNELS__BOARD__SECRET"] = "something secret"
        environment["MDPC_CHANNELS__TEAM__URL"] = team.url.replace("http://", "json://")
        (folder / "baseline.json").write_text("{}")
        yield Company(Rehearsal(sandbox, folder, text, environment, now="2026-11-20"), box, board, team, folder)


def number_of(issue: Any) -> int:
    """The number of the milestone on GitHub that an issue is about; 0 for the dashboard."""
    found = set(re.findall(r"github:acme/api#(\d+)", everything_on(issue)))
    return int(found.pop()) if len(found) == 1 else 0


def everything_on(issue: Any) -> str:
    """All texts of an issue, as they are kept."""
    return "\n".join(map(str, texts_on(issue)))


def texts_on(issue: Any) -> list[Any]:
    """What mdpc wrote on an issue: the body and its comments."""
    github = hasattr(issue, "body")
    own = [each.body for each in issue.comments if (each.user if github else each.author.id) in ("mdpc-bot",)]
    return [issue.body if github else issue.description, *own]


def talk(acme: Company) -> None:
    """People comment on every issue; a quarter of them is approved."""
    for issue in acme.issues():
        number = number_of(issue)
        if not number:
            continue
        text = TEXTS[number % len(TEXTS)]
        first = text.splitlines()[0]
        acme.say(issue, text, "mallory")
        acme.say(issue, f"/approve release-review {first}", "mallory")
        acme.say(issue, f"/approve {first}")
        if number % 4 in (0, 3):
            acme.say(issue, "/approve release-review\n/approve early-look", "bob")
        else:
            for command in ("/reject release-review", "/waive early-look", "/owner", "/snooze 2026-11-23"):
                acme.say(issue, f"{command} {first}")


def change(acme: Company) -> None:
    """Dates move, differently on both sides, and milestones are closed, some of them without their review."""
    github, jira = acme.sandbox.github, acme.sandbox.jira.project("API")
    repository = github.repository("acme/api")
    for number in range(1, len(TEXTS) + 1):
        if number % 2:
            github.edit_milestone(repository, number, due_on="2026-12-03T08:00:00Z")
        else:
            github.edit_milestone(repository, number, state="closed")
    for version in jira.versions[::4] if jira else []:
        version.raw["releaseDate"] = "2026-12-09"


def run_through(acme: Company) -> list[Said]:
    """Days pass, and everything that mdpc can say is said."""
    baseline = acme.folder / "baseline.json"
    kept = acme.acme.mdpc("check", "--write-baseline", str(baseline))
    assert list(wrong_in("text", kept.out + kept.err, acme.web)) == []
    assert list(wrong_in("json", baseline.read_text(encoding="utf-8"), acme.web)) == []
    said = []
    for day, happens in (("2026-11-20", talk), ("2026-11-23", change), ("2026-11-24", None), ("2026-11-25", None)):
        acme.acme.now = day
        said.append(acme.acme.json("sync"))
        if happens:
            happens(acme)
    said.append(acme.acme.json("digest", "--now", "2026-11-25"))
    return said


# ── What is wrong with what mdpc wrote ────────────────────────────────────────────────────────────


Wrong = Iterator[tuple[str, str]]
"""Where something is wrong, and what."""


def wrong_on_issues(acme: Company) -> Wrong:
    for issue in acme.issues():
        github = hasattr(issue, "body")
        mentioned: tuple[str, ...] = MENTIONED["github" if github else "jira"]
        mentioned += () if github else (f"user-{number_of(issue) - 1}",)  # who drives the version owns it
        place = f"{'github' if github else 'jira'} issue of {number_of(issue) or 'the dashboard'}"
        title = issue.title if github else issue.summary
        yield from ((f"{place}, title", each) for each in unseen(title, ""))
        for number, text in enumerate(texts_on(issue)):
            told = f"{place}, comment {number}" if number else f"{place}, body"
            allowed = mentioned if number else ()
            if github:
                yield from ((told, each) for each in github_effects(text).wrong(acme.web, allowed))
            else:
                yield from ((told, each) for each in jira_effects(text, acme.web, allowed))
            if len(str(text)) > 32_000:
                yield told, f"{len(text)} characters"


def wrong_in_descriptions(acme: Company) -> Wrong:
    for milestone in acme.sandbox.github.repository("acme/api").milestones.values():
        place, description = f"description of milestone {milestone.number}", str(milestone.description)
        own = LONG if milestone.title == LONG else owner_line(milestone.title)
        if status.place(description, None, Markup.BLOCK) != own:
            yield place, "people's own text was changed"
        block = status.find(description, Markup.BLOCK) or ""
        if len(block) > 4_000:
            yield place, f"mdpc's part has {len(block)} characters"
        yield from ((place, each) for each in github_effects(block).wrong(acme.web))
        if milestone.title != LONG and block.count("<!--") != 3:
            yield place, f"holds {block}"
    project = acme.sandbox.jira.project("API")
    for version in project.versions if project else []:
        place, description = f"description of version {version.id}", str(version.raw["description"])
        last = description.rpartition("\n")[2]
        if status.find(description, Markup.LINE) is None or not last.startswith("mdpc: "):
            yield place, f"ends in {last!r}"
        yield from ((place, each) for each in wiki_effects(last, acme.web))


def wrong_in_mails(acme: Company) -> Wrong:
    named = {"from", "to", "subject", "date", "message-id", "list-id", "auto-submitted", "x-auto-response-suppress"}
    known = named | {"mime-version", "content-type"}
    addresses = {"alice@acme.example", "bob@acme.example"}
    for number, (mail, recipients) in enumerate(zip(acme.box.mails, acme.box.recipients, strict=True)):
        place = f"mail {number}"
        if headers := {each.lower() for each in mail} - known:
            yield place, f"headers {headers}"
        if wrong := (set(recipients) | {each.addr_spec for each in mail["To"].addresses}) - addresses:
            yield place, f"goes to {wrong}"
        yield from ((f"{place}, subject", each) for each in unseen(str(mail["Subject"]), ""))
        plain, html = mail.iter_parts()
        yield from ((f"{place}, text", each) for each in unseen(plain.get_content().replace("\r\n", "\n")))
        shown = Seen()
        shown.feed(html.get_content())
        yield from ((f"{place}, html", each) for each in shown.wrong(acme.web))


class Seen(HTMLParser):
    """What is in a mail's HTML besides text."""

    HARMLESS = frozenset(
        ["html", "head", "meta", "body", "p", "ul", "ol", "li", "a", "strong", "em", "code", "br", "blockquote"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links |= {f"{value}" for name, value in attrs if (tag, name) != ("meta", "charset")}

    def wrong(self, web: tuple[str, ...]) -> list[str]:
        return [f"links to {each}" for each in self.links if not each.startswith(web)] + sorted(
            self.tags - self.HARMLESS
        )


def wrong_in_posts(acme: Company) -> Wrong:
    for number, post in enumerate(acme.board.received):
        told = json.loads(post.body)
        if not post.body.isascii() or any(each < 32 for each in post.body):
            yield f"webhook {number}", "is not plain ASCII"
        for each in github_effects(told["markdown"]).wrong(acme.web):
            yield f"webhook {number}, markdown", each
        yield from ((f"webhook {number}, text", each) for each in wiki_effects(told["text"], acme.web))
        yield from ((f"webhook {number}, subject", each) for each in unseen(told["subject"], ""))
    for number, post in enumerate(acme.team.received):
        told = json.loads(post.body)
        said = f"{told['title']}\n{told['message']}"
        yield from ((f"chat {number}", each) for each in unseen(said.replace("@\u200b", ""), "\n"))
        yield from ((f"chat {number}", each) for each in re.findall(r"@\w+|[<>\[\]].{0,20}|[a-z]+://(?!127)\S+", said))


@pytest.mark.long
@pytest.mark.parametrize(("home", "deployment"), HOMES)
def test_what_is_written_and_sent_does_nothing_but_be_read(home: str, deployment: str, tmp_path: Path) -> None:
    with company(tmp_path, home, deployment) as acme:
        for said in run_through(acme):
            assert (said.status, said.json["unread"]) == (0, []), said.err
        kinds = set(re.findall(r"mdpc:([a-z]+) ", "\n".join(map(everything_on, acme.issues()))))
        assert kinds >= {"answer", "notice", "void", "bypass", "issue", "ledger", "dashboard", "program", "digest"}
        assert len(acme.board.received) == len(acme.team.received) > len(acme.box.mails) > 8
        wrong = [
            *wrong_on_issues(acme),
            *wrong_in_descriptions(acme),
            *wrong_in_mails(acme),
            *wrong_in_posts(acme),
        ]
        assert not wrong, "\n".join(map(str, wrong))
        wrong = list(wrong_in_what_is_said(acme, all_of_it=home == "github:acme/api"))
        assert not wrong, "\n".join(map(str, wrong))
    assert not list(tmp_path.rglob("x"))


# ── What is wrong with what mdpc says ─────────────────────────────────────────────────────────────


@contextmanager
def all_formats() -> Iterator[list[tuple[str, str]]]:
    """Every format of each result that a command writes, the text in colour, whichever was asked for."""
    texts: list[tuple[str, str]] = []

    def write(_: Output, made: Any) -> None:
        texts.extend((format.value, text()) for format, text in made.items())

    look = property(lambda _: Look(80, colour=True))
    with mock.patch.object(Output, "write", write), mock.patch.object(Output, "look", look):
        yield texts


LOOKING = [
    ["plan", "--save", "plan.json"],
    ["check"],
    ["simulate", "--from", "2026-11-25", "--to", "2027-01-31"],
    *(["explain", f"github:acme/api#{number}"] for number in (1, 2, 7, 16)),
    ["doctor"],
]
PREVIEWS = [
    ["digest", "--show", "--now", "2026-12-01"],
    *(["explain", f"github:acme/api#{number}", "--at", "2026-12-04"] for number in (7, 11, 15)),
]
"""What people type to look, and to see beforehand what will be said where the issues are."""


def wrong_in_what_is_said(acme: Company, *, all_of_it: bool) -> Wrong:
    acme.acme.now = "2026-11-24"
    repository = acme.sandbox.github.repository("acme/api")
    assert acme.acme.mdpc("sync", "--format", "json", "--output", str(acme.folder / "run.json")).status == 0
    for number in range(1, len(TEXTS) + 1):  # so that there is something to plan
        description = str(repository.milestones[number].description).replace("**mdpc:**", "**x:**")
        acme.sandbox.github.edit_milestone(repository, number, description=description)
    for command in [*PREVIEWS, *(LOOKING if all_of_it else [])]:
        with all_formats() as texts:
            said = acme.acme.mdpc(*(str(acme.folder / each) if each.endswith(".json") else each for each in command))
        place = " ".join(command[:2])
        assert said.status in (0, 1), (place, said.err)
        assert len(texts) == (4 if "--save" in command else 3), place
        if "--at" in command:
            assert json.loads(dict(texts)["json"])["milestones"][0]["preview"]["notice"]["step"] == "+1d"
        for format, text in [*texts, ("text", said.out + said.err)]:
            yield from ((f"{place}, {format}", each) for each in wrong_in(format, text, acme.web))
    if all_of_it:
        yield from wrong_in_reports(acme)


def wrong_in_reports(acme: Company) -> Wrong:
    with all_formats() as texts:
        assert typed("report", "noise", str(acme.folder / "run.json")).status == 0
    for format, text in texts:
        yield from ((f"report noise, {format}", each) for each in wrong_in(format, text, acme.web))


def wrong_in(format: str, text: str, web: tuple[str, ...]) -> Iterator[str]:
    """What a text of one of mdpc's formats does besides being read."""
    yield from (f"command {each}" for each in runner_commands(text))
    if format == "json":
        json.loads(text)
        yield from unseen(text) + ([] if text.isascii() else ["not in ASCII"])
    elif format == "markdown":
        yield from github_effects(text).wrong(web)
        if len(text.encode()) > 1_000_000:
            yield f"{len(text.encode())} bytes"
    else:
        yield from terminal_effects(text, web)


# ── Other beginnings ──────────────────────────────────────────────────────────────────────────────


def test_the_action_obeys_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with company(tmp_path, "github:acme/api", "cloud") as acme:
        text = acme.acme.configuration.replace("{github}", acme.sandbox.github_url)
        text = text.replace("{jira}", acme.sandbox.jira_url).replace('baseline = "baseline.json"', "")
        event = {"repository": {"full_name": "acme/api"}, "milestone": {"number": 1, "title": TEXTS[4]}}
        environment = {**acme.acme.environment, "INPUT_NOW": "2026-12-20"}
        ran = Runner(tmp_path, text, environment).call(monkeypatch, "schedule", event, command="sync")
        assert ran.status == 0, ran.log[-2000:]
        commands = runner_commands(ran.log)
        secrets = {value for name, value in acme.acme.environment.items() if name in SECRETS}
        assert {text for name, _, text in commands if name == "add-mask"} >= {"sandbox-write", *secrets}
        assert {name for name, _, _ in commands} == {"add-mask", "group", "endgroup", "warning"}
        annotations = [each for each in commands if each[0] == "warning"]
        assert {properties.partition(",")[0].partition("=")[0] for _, properties, _ in annotations} == {"title"}
        assert len(annotations) == 10
        log = "\n".join(line for line in runner_lines(ran.log) if not line.startswith("::add-mask::"))
        assert terminal_effects(log, acme.web) == []
        assert github_effects(ran.summary).wrong(acme.web) == []
        assert len(ran.summary.encode()) < 1024 * 1024
        written = (tmp_path / "output").read_text(encoding="utf-8")
        assert [line.partition("=")[0] for line in written.splitlines()] == list(ran.outputs)
        assert runner_commands(written.replace("=", "\n")) == []
        assert {each["ref"] for each in ran.outputs["changes"]} > {"github:acme/api#1", "github:acme/api#20"}
    assert not list(tmp_path.rglob("x"))


def test_what_init_writes_says_what_it_should(tmp_path: Path) -> None:
    with Sandbox(seed("cloud")) as sandbox:
        path = tmp_path / "first.toml"
        options = [
            "--github",
            "acme/*",
            "--github-url",
            sandbox.github_url,
            "--jira",
            sandbox.jira_url,
            "--project",
            "API",
        ]
        said = typed("init", *options, "--output", str(path), environment=READ)
        assert said.status == 0, said.err
        text = path.read_text(encoding="utf-8")
        assert unseen(text) == []
        assert runner_commands(text + said.out + said.err) == []
        tables = tomllib.loads(text)
        assert set(tables) == {"timezone", "connectors", "programs", "people", "rules"}
        (program,) = tables["programs"]
        assert program["members"] == ["github:acme/api", "jira:API"]
        assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in tables["people"])
        assert typed("check-config", "--config", str(path), environment=READ).status == 0


@pytest.mark.parametrize("text", [*TEXTS, LONG])
def test_what_is_wrong_with_a_configuration_is_said_and_does_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    quoted = json.dumps(text).replace("\x7f", "\\u007f")
    lines = [
        f"timezone = {quoted}",
        f"{quoted} = 1",
        f"[people.alice]\n{quoted} = {quoted}\nmanager = {quoted}",
        f"[[programs]]\nname = {quoted}\nmembers = [{quoted}]\nhome = {quoted}",
        f"[[gates]]\nname = {quoted}\nreviewers = [{quoted}]\nrequires = [{quoted}]",
        f"[[escalation.steps]]\nat = {quoted}\nto = [{quoted}]\nvia = [{quoted}]",
        f"[connectors.github]\nurl = {quoted}\n{quoted} = {quoted}",
        f"[rules]\n{quoted} = {quoted}",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    with all_formats() as texts:
        assert typed("check-config", "--config", str(path)).status == 2
    assert [each for format, said in texts for each in wrong_in(format, said, ())] == []
    path.write_text(text, encoding="utf-8", newline="")
    said = typed("plan", "--config", str(path))
    assert said.status == 2
    assert list(wrong_in("text", said.out + said.err, ())) == []


def test_each_of_these_texts_would_do_something() -> None:
    for text in TEXTS:
        does = [
            *runner_commands(text),
            *terminal_effects(text, ()),
            *github_effects(text).wrong(()),
            *wiki_effects(text, ()),
            *re.findall(r"^mdpc: |\{\{|\$\(|^[-=]", text),
        ]
        assert does, text
