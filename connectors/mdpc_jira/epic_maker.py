"""Making a Jira epic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mdpc.changes import Change, Created
from mdpc.connector import TrackerError
from mdpc.model import Ref
from mdpc_jira import adf
from mdpc_jira.client import JiraClient
from mdpc_jira.creating import Made, Verdict, Wanted, mark_in
from mdpc_jira.errors import JiraAnswerError
from mdpc_jira.issue_target import LONGEST_SUMMARY, IssueTarget
from mdpc_jira.issues import description_text, issue_api, issue_url
from mdpc_jira.jql import in_project
from mdpc_jira.search import search
from mdpc_jira.settings import JiraSettings
from mdpc_jira.values import is_done

EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
"""Data Center's own name for the field that every epic needs besides its summary; its id differs by site."""

NEWEST = 50
"""Epics that are looked at for one that was just made."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was asked of Jira for one new epic and serves the next.

    `fields` are ids of fields by what Jira calls their kind, `marked` the epics with a mark: by project, then by the
    milestone's id, as they were listed or made.
    """

    fields: dict[str, str] = field(default_factory=dict)
    marked: dict[str, dict[str, Made]] = field(default_factory=dict)


class EpicMaker:
    """An epic to be made; keeps `mdpc_jira.creating.Maker`.

    Its fields are `title`, `due` (`yyyy-mm-dd`), `status` and `state`, which a new issue cannot begin with. `known` is
    kept by the caller from one epic to the next. Titles need not be unique. Raises TrackerError where Jira has to be
    asked whether it is on Cloud, and does not answer.
    """

    def __init__(self, client: JiraClient, settings: JiraSettings, changes: Sequence[Change], known: Known) -> None:
        self._client = client
        self._settings = settings
        self._wanted = Wanted(changes)
        self._key = self._wanted.container.name
        self._known = known
        self._api = issue_api(client)
        self._mark = mark_in(self._wanted.text("status"))
        self.sure = not client.cloud  # Cloud's search shows a new issue a little later

    def obstacle(self) -> str | None:
        """Jira's limit for a summary."""
        if beyond := self._wanted.beyond(("title", "due", "status", "state")):
            return beyond
        if len(self._wanted.text("title") or "") > LONGEST_SUMMARY:
            return f"Jira allows {LONGEST_SUMMARY} characters in a summary. Shorten the title."
        return None

    def standing(self) -> Made | None:
        """The first epic with the milestone's id; a project's epics are listed once.

        Cloud's search shows an epic a little after it was made.
        """
        mark = self._mark
        if mark is None:
            return None
        if self._key not in self._known.marked:
            self._known.marked[self._key] = self._listed()
        return self._known.marked[self._key].get(mark)

    def prepare(self) -> None:
        """On Data Center the id of the field for an epic's name, asked for once; empty where there is none."""
        if self._client.cloud or EPIC_NAME in self._known.fields:
            return
        fields = self._client.look("field")
        named = (str(each["id"]) for each in fields if each.get("schema", {}).get("custom") == EPIC_NAME)
        self._known.fields[EPIC_NAME] = next(named, "")

    def send(self) -> Made:
        """One POST."""
        title, status = self._wanted.text("title"), self._wanted.text("status")
        fields: dict[str, Any] = {
            "project": {"key": self._key},
            "issuetype": {"name": "Epic"},
            "summary": title,
            self._settings.due_field: self._wanted.text("due"),
            "description": adf.place(None, status) if self._api == "3" else status,
            self._known.fields.get(EPIC_NAME, ""): title,
        }
        sent = {name: value for name, value in fields.items() if name and value is not None}
        return self._made(self._client.post("issue", {"fields": sent}, api=self._api))

    def find(self) -> Made | None:
        """The newest epic that carries the milestone's id."""
        if self._mark is None:
            raise TrackerError("Nothing tells it from others", reason="refused")
        path = "search/jql" if self._client.cloud else "search"
        jql = f"{in_project(self._key, 'issuetype = Epic')} ORDER BY created DESC"
        query = {"jql": jql, "fields": "description,status", "maxResults": NEWEST}
        for issue in self._client.look(path, query, api=self._api)["issues"]:
            if mark_in(description_text(issue["fields"].get("description"))) == self._mark:
                return self._made(issue, is_done(issue["fields"]["status"]))
        return None

    def taken(self, error: TrackerError) -> Verdict | None:  # noqa: ARG002 - a summary is never taken
        """Several issues may have one summary."""
        return None

    def explain(self, error: TrackerError) -> str:
        """A missing right, or a field that the project asks for and mdpc does not set."""
        fields = error.fields if isinstance(error, JiraAnswerError) else {}
        if error.status == 403 or "project" in fields or "issuetype" in fields:
            return f"{error.sentence()} Making epics needs the issue type Epic, and Create Issues, on {self._key}."
        if error.status == 400 and fields:
            named = ", ".join(sorted(fields))
            return f"{error.sentence()} It is about {named}: make it optional in Jira, or make the epic by hand."
        return error.sentence()

    def target(self, created: Created) -> IssueTarget:
        """The epic that was made."""
        return IssueTarget(self._client, Ref(self._wanted.container, created.id), created.uid, self._settings)

    def _listed(self) -> dict[str, Made]:
        found: dict[str, Made] = {}
        jql = f"{in_project(self._key, 'issuetype = Epic')} ORDER BY created"
        for issue in search(self._client, jql, ("description", "status"), api=self._api):
            if mark := mark_in(description_text(issue["fields"].get("description"))):
                found.setdefault(mark, self._read(issue, is_done(issue["fields"]["status"])))
        return found

    def _made(self, issue: dict[str, Any], closed: bool = False) -> Made:
        made = self._read(issue, closed)
        if self._mark:
            self._known.marked.setdefault(self._key, {})[self._mark] = made
        return made

    def _read(self, issue: dict[str, Any], closed: bool) -> Made:
        key = str(issue["key"])
        return Made(Created(key, str(issue["id"]), issue_url(self._settings.url, key)), closed)
