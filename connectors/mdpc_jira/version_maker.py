"""Making a Jira version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdpc.changes import Change, Created
from mdpc.connector import TrackerError
from mdpc.model import Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.creating import Made, Verdict, Wanted, mark_in
from mdpc_jira.errors import JiraAnswerError
from mdpc_jira.version_target import LONGEST_DESCRIPTION, LONGEST_NAME, NAMES, VersionTarget
from mdpc_jira.versions import version_pages, version_url

_BY_FIELD = {**NAMES, "status": "description"}


class VersionMaker:
    """A version to be made; keeps `mdpc_jira.creating.Maker`.

    Its fields are `title`, `due` and `start` (`yyyy-mm-dd`), `status` and `state`. `site` is the site's address for
    links; `project_id` the project's, asked for where it is not known. Names are unique in a project.
    """

    sure = True

    def __init__(self, client: JiraClient, site: str, changes: Sequence[Change], project_id: str | None = None) -> None:
        self._client = client
        self._site = site
        self._wanted = Wanted(changes)
        self._key = self._wanted.container.name
        self._project_id = project_id

    def obstacle(self) -> str | None:
        """Jira's limits are told before it says 400."""
        if beyond := self._wanted.beyond((*_BY_FIELD, "state")):
            return beyond
        if len(self._wanted.text("title") or "") > LONGEST_NAME:
            return f"Jira allows {LONGEST_NAME} characters in a version's name. Shorten the title."
        if len((self._wanted.text("status") or "").encode()) > LONGEST_DESCRIPTION:
            return f"mdpc's line would exceed the {LONGEST_DESCRIPTION:,} bytes that Jira allows in a description."
        return None

    def standing(self) -> Made | None:
        """Nothing has to be looked for: Jira refuses a second version of one name."""
        return None

    def prepare(self) -> None:
        """The project's id, which alone says where a version is made."""
        if self._project_id is None:
            self._project_id = str(self._client.look(f"project/{self._key}")["id"])

    def send(self) -> Made:
        """One POST; on Cloud a new version may stay unreleased whatever is asked for."""
        texts = {name: self._wanted.text(field) for field, name in _BY_FIELD.items()}
        body: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
        body["projectId"] = int(self._project_id or "")
        if self._wanted.closed:
            body["released"] = True
        return self._made(self._client.post("version", body))

    def find(self) -> Made | None:
        """The newest version that carries the milestone's id."""
        mark = mark_in(self._wanted.text("status"))
        if mark is None:
            raise TrackerError("Nothing tells it from others", reason="refused")
        marked = [raw for raw in self._listed() if mark_in(raw.get("description")) == mark]
        return self._made(max(marked, key=lambda raw: int(raw["id"]))) if marked else None

    def taken(self, error: TrackerError) -> Verdict | None:
        """The version that has the name: this milestone's own, or somebody's."""
        if not (isinstance(error, JiraAnswerError) and error.status == 400 and "name" in error.fields):
            return None
        raw = self._named(self._wanted.text("title") or "")
        if raw is None:
            return None
        if raw.get("archived"):
            return Verdict(
                "failed",
                f"{self._key} has an archived version with this name, id {raw['id']}, and archived versions are left "
                "as they are. Rename it, or take it out of the archive.",
            )
        mark = mark_in(self._wanted.text("status"))
        if mark is not None and mark_in(raw.get("description")) == mark:
            return Verdict("already", "", self._made(raw))
        kind, step = "a version", "Run again, and it is joined by its name"
        if raw.get("released"):
            kind, step = "a released version", "Rename it, or take the release back"
        return Verdict("stale", f"{self._key} has {kind} with this name, id {raw['id']}. {step}.")

    def explain(self, error: TrackerError) -> str:
        """Jira reports a missing right as 403 (Data Center) or 404 (Cloud)."""
        by_field = isinstance(error, JiraAnswerError) and error.fields
        if error.method == "POST" and (error.status in (403, 404) or (error.status == 400 and not by_field)):
            return f"{error.sentence()} Making versions needs Administer Projects on {self._key}."
        return error.sentence()

    def target(self, created: Created) -> VersionTarget:
        """The version that was made."""
        ref = Ref(self._wanted.container, created.id)
        return VersionTarget(self._client, ref, created.uid, self._project_id)

    def _listed(self) -> list[dict[str, Any]]:
        pages = version_pages(self._client.look, self._key)
        return [raw for page in pages for raw in page["values"]]

    def _named(self, title: str) -> dict[str, Any] | None:
        """The version with this name, to the letter or else as Jira compares."""
        listed = self._listed()
        exact = (raw for raw in listed if raw["name"] == title)
        alike = (raw for raw in listed if raw["name"].strip().casefold() == title.strip().casefold())
        return next(exact, None) or next(alike, None)

    def _made(self, raw: dict[str, Any]) -> Made:
        identifier = str(raw["id"])
        created = Created(identifier, identifier, version_url(self._site, self._key, identifier))
        return Made(created, bool(raw.get("released")))
