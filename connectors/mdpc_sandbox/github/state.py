"""The state of the sandbox's GitHub, and what people and programs can do to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from mdpc_sandbox.faults import Faults
from mdpc_sandbox.github.model import Comment, Issue, Milestone, Repository, floor_due, stamp
from mdpc_sandbox.github.seed import GitHubSeed, IssueSeed, MilestoneSeed, RepositorySeed
from mdpc_sandbox.github.tokens import Access


class Invalid(Exception):  # noqa: N818 - an answer, not an error
    """What GitHub answers with 422: entries of `errors` (resource, code, field)."""

    def __init__(self, *errors: Mapping[str, str]) -> None:
        self.errors = errors
        super().__init__(str(errors))


class GitHubState:
    """Repositories and tokens. `url` is the API's base; `clock` says when something was changed.

    The methods are what both the REST API and tests use; whoever changes the objects themselves keeps `updated_at`.
    """

    def __init__(self, url: str, clock: Callable[[], datetime], faults: Faults, *, graphql: bool = True) -> None:
        self.url = url
        self.web = url.removesuffix("/api/v3")
        self.faults = faults
        self.graphql = graphql
        self.access = Access()
        self.people: set[str] = set()
        self.teams: dict[str, list[str]] = {}
        self._clock = clock
        self._ids = count(1001)
        self._repositories: dict[str, Repository] = {}
        self._old_names: dict[str, Repository] = {}
        self._node_ids: set[str] = set()

    # ── Loading ───────────────────────────────────────────────────────────────────────────────────

    def seed(self, seed: Mapping[str, Any] | GitHubSeed) -> None:
        """Add what a seed describes; raises pydantic's ValidationError for what is no seed."""
        parsed = GitHubSeed.model_validate(seed)
        self.people |= {login.lower() for login in parsed.users}
        self.teams |= {team.name.lower(): list(team.members) for team in parsed.teams}
        self.access.load(parsed.tokens, parsed.app)
        for entry in parsed.repositories:
            self._seed_repository(entry)

    def add_payload(self, payload: Iterable[Mapping[str, Any]]) -> None:
        """Add milestones as the REST API returned them; each one's repository is in its `url`.

        Descriptions and due dates are served as they are. Issues are known by their numbers alone.
        """
        for raw in payload:
            owner, name = raw["url"].split("/repos/", 1)[1].split("/")[:2]
            repository = self.get(f"{owner}/{name}") or self.add_repository(f"{owner}/{name}")
            closed = raw.get("closed_at") or (raw.get("updated_at") if raw["state"] == "closed" else None)
            repository.milestones[raw["number"]] = Milestone(
                id=raw["id"],
                node_id=self._node_id(raw.get("node_id"), repository, raw["number"]),
                number=raw["number"],
                title=raw["title"],
                created_at=raw["created_at"],
                updated_at=raw.get("updated_at") or raw["created_at"],
                description=raw["description"],
                due_on=raw["due_on"],
                state=raw["state"],
                closed_at=closed or (raw["created_at"] if raw["state"] == "closed" else None),
                creator=(raw.get("creator") or {}).get("login"),
                open=raw["open_issues"],
                closed=raw["closed_issues"],
            )

    def _seed_repository(self, seed: RepositorySeed) -> None:
        repository = self.add_repository(seed.name)
        repository.private, repository.archived = seed.private, seed.archived
        repository.has_issues, repository.topics = seed.has_issues, seed.topics
        repository.assignable = seed.assignable
        for milestone in seed.milestones:
            self._seed_milestone(repository, milestone)
        for issue in seed.issues:
            self._seed_issue(repository, issue)

    def _seed_milestone(self, repository: Repository, seed: MilestoneSeed) -> None:
        number = seed.number or repository.next_milestone
        created = seed.created_at or self.now
        due = floor_due(f"{seed.due}T12:00:00Z") if seed.due else seed.due_on
        repository.milestones[number] = Milestone(
            id=next(self._ids),
            node_id=self._node_id(None, repository, number),
            number=number,
            title=seed.title,
            created_at=created,
            updated_at=seed.updated_at or seed.closed_at or created,
            description=seed.description,
            due_on=due,
            state=seed.state,
            closed_at=(seed.closed_at or seed.updated_at or created) if seed.state == "closed" else None,
            creator=seed.creator,
            open=seed.open,
            closed=seed.closed,
        )

    def _seed_issue(self, repository: Repository, seed: IssueSeed) -> None:
        fields = seed.model_dump(include={"body", "state", "pull_request"})
        if isinstance(seed.milestone, str):
            titles = {milestone.title: milestone.number for milestone in repository.milestones.values()}
            fields["milestone"] = titles[seed.milestone]
        elif seed.milestone is not None:
            fields["milestone"] = seed.milestone
        issue = self.create_issue(repository, seed.user, seed.title, **fields)
        issue.labels, issue.assignees = list(seed.labels), list(seed.assignees)
        issue.closed_by = (seed.closed_by or issue.closed_by) if issue.state == "closed" else None
        issue.created_at = seed.created_at or issue.created_at
        issue.updated_at = seed.updated_at or issue.created_at
        for comment in seed.comments:
            added = self.add_comment(issue, comment.user, comment.body)
            added.created_at = added.updated_at = comment.created_at or issue.updated_at
            if comment.editor:
                self.edit_comment(added, comment.body, comment.editor)
        issue.updated_at = seed.updated_at or issue.created_at

    def _node_id(self, given: str | None, repository: Repository, number: int) -> str:
        node_id = given if given and given not in self._node_ids else f"MI_sandbox{repository.id}_{number}"
        self._node_ids.add(node_id)
        return node_id

    # ── Repositories ──────────────────────────────────────────────────────────────────────────────

    @property
    def now(self) -> str:
        """The present moment as GitHub writes it."""
        return stamp(self._clock())

    @property
    def repositories(self) -> list[Repository]:
        """All of them, in the order they were added."""
        return list(self._repositories.values())

    def get(self, full_name: str) -> Repository | None:
        """The repository of that name, in any case; not by an old name."""
        return self._repositories.get(full_name.lower())

    def repository(self, full_name: str) -> Repository:
        """The repository of that name; raises KeyError where there is none."""
        return self._repositories[full_name.lower()]

    def renamed(self, full_name: str) -> Repository | None:
        """The repository that once had that name."""
        return self._old_names.get(full_name.lower())

    def add_repository(self, full_name: str) -> Repository:
        """A new public repository without milestones."""
        owner, _, name = full_name.partition("/")
        repository = Repository(next(self._ids), owner, name, self.now)
        self._repositories[full_name.lower()] = repository
        return repository

    def rename(self, old: str, new: str) -> Repository:
        """Rename or move a repository; the old name leads to it from now on."""
        repository = self._repositories.pop(old.lower())
        self._old_names[old.lower()] = repository
        repository.owner, _, repository.name = new.partition("/")
        self._repositories[new.lower()] = repository
        return repository

    def remove_repository(self, full_name: str) -> None:
        """Delete a repository."""
        del self._repositories[full_name.lower()]

    # ── Milestones ────────────────────────────────────────────────────────────────────────────────

    def create_milestone(self, repository: Repository, login: str, title: str, **fields: Any) -> Milestone:
        """A new milestone; `fields` as in `edit_milestone`. Raises Invalid for a title that exists."""
        self._check_title(repository, title, None)
        number = repository.next_milestone
        node_id = self._node_id(None, repository, number)
        milestone = Milestone(next(self._ids), node_id, number, title, self.now, self.now, creator=login)
        repository.milestones[number] = milestone
        self.edit_milestone(repository, number, **fields)
        return milestone

    def edit_milestone(self, repository: Repository, number: int, **fields: Any) -> Milestone:
        """Change title, description, state or due_on (any moment of the day, or None).

        Raises Invalid for a title that another milestone has, ValueError for what is no date-time.
        """
        milestone = repository.milestones[number]
        if fields.get("due_on"):
            fields["due_on"] = floor_due(fields["due_on"])
        if "title" in fields:
            self._check_title(repository, fields["title"], milestone)
        self._change(milestone, fields)
        return milestone

    def delete_milestone(self, repository: Repository, number: int) -> None:
        """Delete a milestone; its issues stay, without it, and one made anew is another one."""
        del repository.milestones[number]
        repository.deleted = max(repository.deleted, number)
        for issue in repository.issues_of(number, pull_requests=True):
            issue.milestone = None

    def _check_title(self, repository: Repository, title: str, but: Milestone | None) -> None:
        if not title.strip():
            raise Invalid({"resource": "Milestone", "code": "missing_field", "field": "title"})
        if any(other.title == title for other in repository.milestones.values() if other is not but):
            raise Invalid({"resource": "Milestone", "code": "already_exists", "field": "title"})

    # ── Issues ────────────────────────────────────────────────────────────────────────────────────

    def create_issue(self, repository: Repository, login: str, title: str, **fields: Any) -> Issue:
        """A new issue; `fields` as in `edit_issue`, and `pull_request`."""
        number = repository.next_issue
        issue = Issue(next(self._ids), number, title, login, self.now, self.now)
        issue.pull_request = fields.pop("pull_request", False)
        issue.body = fields.pop("body", None)
        repository.issues[number] = issue
        try:
            self.edit_issue(repository, number, login, **fields)
        except Invalid:
            del repository.issues[number]
            raise
        return issue

    def edit_issue(self, repository: Repository, number: int, by: str = "octocat", **fields: Any) -> Issue:
        """Change title, body, state, milestone (a number or None), labels or assignees, as `by`. Raises Invalid."""
        issue = repository.issues[number]
        if fields.get("milestone") is not None and fields["milestone"] not in repository.milestones:
            raise Invalid({"resource": "Issue", "code": "invalid", "field": "milestone"})
        if fields.get("body", issue.body) != issue.body:
            issue.edited_at, issue.editor = self.now, by
        if fields.get("state", issue.state) != issue.state:
            issue.closed_by = by if fields["state"] == "closed" else None
        self._change(issue, fields)
        return issue

    def delete_issue(self, repository: Repository, number: int) -> None:
        """Delete an issue with its comments; nothing is ever found at its number again."""
        del repository.issues[number]
        repository.gone.add(number)

    def transfer_issue(self, repository: Repository, number: int, to: Repository) -> Issue:
        """Move an issue with its comments to another repository, where it is another one. Its old address leads on."""
        issue = repository.issues[number]
        self.delete_issue(repository, number)
        moved = replace(issue, id=next(self._ids), number=to.next_issue, milestone=None)
        to.issues[moved.number] = moved
        repository.moved[number] = to, moved.number
        return moved

    def add_comment(self, issue: Issue, login: str, body: str) -> Comment:
        """A new comment on an issue."""
        moment = self.now
        comment = Comment(next(self._ids), login, body, moment, moment)
        issue.comments.append(comment)
        issue.updated_at = comment.created_at
        return comment

    def edit_comment(self, comment: Comment, body: str, by: str = "octocat") -> Comment:
        """Change what a comment says, as `by`."""
        comment.body, comment.updated_at = body, self.now
        comment.edited_at, comment.editor = comment.updated_at, by
        return comment

    def delete_comment(self, issue: Issue, comment: Comment) -> None:
        """Delete a comment."""
        issue.comments.remove(comment)
        issue.updated_at = self.now

    def _change(self, thing: Milestone | Issue, fields: Mapping[str, Any]) -> None:
        changed = {name: value for name, value in fields.items() if getattr(thing, name) != value}
        for name, value in changed.items():
            setattr(thing, name, value)
        if changed:
            thing.updated_at = self.now
        if "state" in changed:
            thing.closed_at = self.now if changed["state"] == "closed" else None
