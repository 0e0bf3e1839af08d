"""Making a coordination issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdpc.changes import Change, Created
from mdpc.connector import TrackerError
from mdpc.marks import mark, mark_at_end
from mdpc.model import Markup, Ref
from mdpc.program_ledger import DASHBOARD, closed_dashboard
from mdpc_jira.client import JiraClient
from mdpc_jira.coordination import own_issues
from mdpc_jira.coordination_target import LONGEST_TEXT, CoordinationTarget, person
from mdpc_jira.creating import Made, Verdict, Wanted
from mdpc_jira.errors import JiraAnswerError
from mdpc_jira.issue_fields import WELL_KNOWN, CreateField, create_fields, payloads
from mdpc_jira.issue_target import LONGEST_SUMMARY
from mdpc_jira.issues import issue_api, issue_url, rich_text, whole_text
from mdpc_jira.jql import in_project
from mdpc_jira.search import search
from mdpc_jira.settings import OURS, JiraSettings
from mdpc_jira.values import is_done

KNOWN_LATER = ("missing", "forbidden", "refused")
"""Reasons for which Jira does not tell the fields of new issues, so that only well-known ones are known."""


class CoordinationMaker:
    """A coordination issue to be made; keeps `mdpc_jira.creating.Maker`.

    Its fields are `title`, `body`, `assignee` (a login) and `label`. `name` is the connector's. `known` are the fields
    of new issues by project, kept by the caller from one issue to the next. Where Jira does not take the assignee it is
    made without one, and `unassigned` says so. Raises TrackerError where Jira has to be asked whether it is on Cloud,
    and does not answer.
    """

    def __init__(
        self,
        client: JiraClient,
        name: str,
        settings: JiraSettings,
        changes: Sequence[Change],
        known: dict[str, Sequence[CreateField]],
    ) -> None:
        self._client = client
        self._settings = settings
        self._table = f"connectors.{name}.issue"
        self._wanted = Wanted(changes)
        self._key = self._wanted.container.name
        self._known = known
        self._api = issue_api(client)
        self.sure = not client.cloud  # Cloud's search shows a new issue a little later
        self.unassigned = ""

    def obstacle(self) -> str | None:
        """Jira's limits for a summary and a text."""
        if beyond := self._wanted.beyond(("title", "body", "assignee", "label")):
            return beyond
        if len(self._wanted.text("title") or "") > LONGEST_SUMMARY:
            return f"Jira allows {LONGEST_SUMMARY} characters in a summary. Shorten the milestone's title."
        if len(self._wanted.text("body") or "") > LONGEST_TEXT:
            return f"Jira allows {LONGEST_TEXT:,} characters in a description."
        return None

    def standing(self) -> Made | None:
        """Nothing beforehand: it is looked for in every attempt (`look_first`)."""
        return None

    def prepare(self) -> None:
        """What the further fields of the configuration are, asked for once for each project."""
        if not self._settings.issue.fields or self._key in self._known:
            return
        try:
            fields = create_fields(self._client.look, self._key, self._settings.issue.type)
        except TrackerError as error:
            if error.reason not in KNOWN_LATER:
                raise
            fields = None
        self._known[self._key] = WELL_KNOWN if fields is None else fields

    def send(self) -> Made:
        """One POST; a second one without the assignee where Jira refuses that."""
        login = self._wanted.text("assignee")
        fields = self._fields()
        try:
            return self._sent(fields | ({"assignee": person(self._client, login)} if login else {}))
        except JiraAnswerError as error:
            if not login or error.status != 400 or "assignee" not in error.fields:
                raise
            self.unassigned = f"Jira does not take {login} as the assignee: {error.fields['assignee']}"
        return self._sent(fields)

    def _fields(self) -> dict[str, Any]:
        body, label = self._wanted.text("body"), self._wanted.text("label")
        fields: dict[str, Any] = {
            "project": {"key": self._key},
            "issuetype": {"name": self._settings.issue.type},
            "summary": self._wanted.text("title"),
        }
        if body:
            fields["description"] = rich_text(body, self._api)
        if label:
            fields["labels"] = [label]
        return payloads(self._settings.issue.fields, self._known.get(self._key, ()), self._client) | fields

    def _sent(self, fields: dict[str, Any]) -> Made:
        return self._made(self._client.post("issue", {"fields": fields}, api=self._api))

    def find(self) -> Made | None:
        """The newest issue by one of mdpc's own accounts that carries the same mark.

        People may have written on behind the mark: but for its creation the text is theirs. Raises TrackerError for a
        dashboard that was closed too long ago to be read.
        """
        wanted = mark_at_end(self._wanted.text("body"))
        own = own_issues(self._settings, self._client.signed_in)
        if wanted is None or own is None:
            raise TrackerError("Nothing tells it from others", reason="refused")
        sign = mark(*wanted, Markup.LINE)
        jql = f"{in_project(self._key, own)} ORDER BY created DESC"
        for issue in search(self._client, jql, ("description", "status"), api=self._api, once=True):
            if sign in (whole_text(issue["fields"].get("description")) or ""):
                made = self._made(issue, is_done(issue["fields"]["status"]))
                if made.closed and wanted[0] == DASHBOARD:
                    raise TrackerError(closed_dashboard(made.created.url), reason="refused")
                return made
        return None

    def taken(self, error: TrackerError) -> Verdict | None:  # noqa: ARG002 - a summary is never taken
        """Several issues may have one summary."""
        return None

    def explain(self, error: TrackerError) -> str:
        """A missing right, the type, or a field that the project asks for or does not take."""
        fields = error.fields if isinstance(error, JiraAnswerError) else {}
        if error.method != "POST":
            return error.sentence()
        if error.status == 403 or "project" in fields or (error.status == 400 and not fields):
            return f"{error.sentence()} Making issues needs Create Issues on {self._key}."
        if "issuetype" in fields:
            return f"{error.sentence()} Set {self._table}.type to an issue type that {self._key} has."
        if ours := sorted(fields.keys() & set(OURS)):
            return (
                f"{error.sentence()} Put {' and '.join(ours)} on the screen with which issues are made in {self._key}."
            )
        if fields:
            named = " and ".join(f"{self._table}.fields.{field}" for field in sorted(fields))
            return f"{error.sentence()} Set {named}, or make it optional in Jira."
        return error.sentence()

    def target(self, created: Created) -> CoordinationTarget:
        """The issue that was made."""
        ref = Ref(self._wanted.container, created.id)
        return CoordinationTarget(self._client, ref, created.uid, self._settings)

    def _made(self, issue: dict[str, Any], closed: bool = False) -> Made:
        key = str(issue["key"])
        return Made(Created(key, str(issue["id"]), issue_url(self._settings.url, key)), closed)
