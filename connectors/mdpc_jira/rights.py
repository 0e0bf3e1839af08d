"""Which rights mdpc needs in a Jira project, by Jira's own keys, and which are more than it needs.

https://confluence.atlassian.com/adminjiraserver/managing-project-permissions-938847145.html, and what the API's
description says of each call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mdpc.connector import Right, Rights, Use
from mdpc_jira.settings import JiraSettings

NAMES = {
    "BROWSE_PROJECTS": "Browse Projects",
    "ADMINISTER_PROJECTS": "Administer Projects",
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "SCHEDULE_ISSUES": "Schedule Issues",
    "TRANSITION_ISSUES": "Transition Issues",
    "RESOLVE_ISSUES": "Resolve Issues",
    "LINK_ISSUES": "Link Issues",
    "ASSIGN_ISSUES": "Assign Issues",
    "ADD_COMMENTS": "Add Comments",
    "EDIT_OWN_COMMENTS": "Edit Own Comments",
    "USER_PICKER": "Browse users and groups",
    "DELETE_ISSUES": "Delete Issues",
    "EDIT_ALL_COMMENTS": "Edit All Comments",
    "DELETE_ALL_COMMENTS": "Delete All Comments",
    "ADMINISTER": "Administer Jira",
    "SYSTEM_ADMIN": "Jira System Administrators",
}
"""What people know Jira's permissions as, by their keys."""

DANGEROUS = {
    "ADMINISTER_PROJECTS": "who has the token changes versions, roles and settings of the project",
    "DELETE_ISSUES": "who has the token deletes issues; mdpc never deletes any",
    "EDIT_ALL_COMMENTS": "who has the token rewrites other people's comments, which makes approvals void",
    "DELETE_ALL_COMMENTS": "who has the token deletes other people's comments, objections among them",
    "ADMINISTER": "who has the token may do everything in every project",
    "SYSTEM_ADMIN": "who has the token may do everything on the server",
}
"""What mdpc asks about since it should not be there, and why."""
GROUP_SCOPES = ("read:group:jira", "read:user:jira", "read:avatar:jira")
"""What a token with scopes needs to read a group; no older scope does, but the one that configures Jira."""
DUE_DATE = "duedate"
"""Jira's own field for due dates, which has a right of its own."""
_IDLE = "not needed as mdpc is configured"

_GIVE = 'Give the account what is missing, in the permission scheme or as a role, or set access = "read".'
_INSTEAD = {
    "ASSIGN_ISSUES": "Give it to the account, or let coordination issues name the owner in their text alone.",
    "USER_PICKER": "Give it to the account, or list the people of groups in [teams].",
    "SCHEDULE_ISSUES": "Give it to the account, or set due_field to a date field of its own.",
}
"""How to do without a right."""
_SPARED = ("ASSIGN_ISSUES", "USER_PICKER")
"""What mdpc does without by itself."""
_GIVE_READER = "Give the account what is missing."
_TAKE = "Take away what is not needed, or give mdpc an account of its own that has no more."


@dataclass(frozen=True, slots=True)
class Needs:
    """What a connector's settings say about rights: what milestones are, and whether the site is on Cloud.

    `groups` says that gates ask who is in a group of Jira's, `schedules` that due dates are in Jira's own field for
    them, `scoped` that the token goes through Atlassian's gateway, as one with scopes has to.
    """

    cloud: bool
    milestones: str
    writes: bool
    groups: bool = False
    schedules: bool = False
    scoped: bool = False

    @classmethod
    def of(cls, settings: JiraSettings, teams: Sequence[str], *, cloud: bool) -> Needs:
        """From the connector's settings and the teams of gates: `ORG/NAME` is GitHub's, another name a group's."""
        groups = any("/" not in team for team in teams)
        schedules = settings.milestones != "versions" and settings.due_field == DUE_DATE
        scoped = settings.api_url is not None and settings.token is not None
        return cls(cloud, settings.milestones, settings.access == "write", groups, schedules, scoped)

    def rights(self, uses: frozenset[Use]) -> Mapping[str, Right]:
        """The rights that a project with these uses needs, by Jira's keys."""
        reasons: dict[str, list[str]] = {}
        for key, why in self._reasons(uses if self.writes else uses & {Use.READ}):
            reasons.setdefault(key, []).append(why)
        return {
            key: Right(
                NAMES[key],
                "; ".join(dict.fromkeys(whys)),
                "warn" if key in _SPARED else "error",
                _INSTEAD.get(key, ""),
            )
            for key, whys in reasons.items()
        }

    def _reasons(self, uses: frozenset[Use]) -> Iterator[tuple[str, str]]:
        yield "BROWSE_PROJECTS", "reading milestones, issues and comments"
        versions = self.milestones == "versions"
        if Use.WRITE in uses:
            if versions:
                yield "ADMINISTER_PROJECTS", "versions: status, title, dates, release"
            else:
                yield "EDIT_ISSUES", "issues that are milestones: status, title, due date"
                if self.schedules:
                    yield "SCHEDULE_ISSUES", "the due date of issues that are milestones"
        if Use.STATES in uses and not versions:
            yield "TRANSITION_ISSUES", "closing and reopening issues that are milestones"
        if Use.MEMORY in uses and (versions or not self.cloud):
            yield "ADMINISTER_PROJECTS", "mdpc's memory in the project's properties"
        if Use.MEMORY in uses and not versions and self.cloud:
            yield "EDIT_ISSUES", "mdpc's memory in their properties"
        if Use.CREATE in uses and self.milestones == "epics":
            yield "CREATE_ISSUES", "epics that are missing here"
        if Use.LINKS in uses:
            yield from self._links(versions)
        if Use.ISSUES in uses:
            yield "CREATE_ISSUES", "opening coordination issues"
            yield "EDIT_ISSUES", "mdpc's part of coordination issues"
            yield "TRANSITION_ISSUES", "closing and reopening coordination issues"
            yield "ADD_COMMENTS", "notices, answers and mdpc's ledger"
            yield "EDIT_OWN_COMMENTS", "mdpc's ledger, kept in one comment"
            yield "ASSIGN_ISSUES", "assigning coordination issues to the owner"
        if self.groups and self.cloud:
            yield "USER_PICKER", "who is in a group that reviews"

    def _links(self, versions: bool) -> Iterator[tuple[str, str]]:
        if not versions:
            yield "LINK_ISSUES", "links to the same milestone elsewhere"
        elif self.cloud:
            yield "EDIT_ISSUES", "links of versions to the same milestone elsewhere"
            yield "RESOLVE_ISSUES", "links of versions to the same milestone elsewhere"

    def scopes(self, needed: Collection[str]) -> tuple[Right, ...]:
        """What a token with scopes has to have for these rights, whoever's it is: Jira does not tell which it has."""
        if not self.scoped:
            return ()
        found = {"read:jira-work": "reading milestones, issues and comments", "read:jira-user": "who mdpc is"}
        if "ADMINISTER_PROJECTS" in needed:
            found["manage:jira-project"] = "versions, and mdpc's memory in the project's properties"
        if set(needed) - {"BROWSE_PROJECTS", "ADMINISTER_PROJECTS", "USER_PICKER"}:
            found["write:jira-work"] = "issues, comments and links"
        if "USER_PICKER" in needed:
            found |= dict.fromkeys(GROUP_SCOPES, "who is in a group that reviews")
        return tuple(Right(f"scope {name}", why) for name, why in found.items())

    def compared(self, container: str, uses: frozenset[Use], held: Mapping[str, Any]) -> Rights:
        """The rights of a project, by what `mypermissions` answered."""
        needed = self.rights(uses)
        has = [key for key in NAMES if (held.get(key) or {}).get("havePermission")]
        more = (
            Right(NAMES[key], DANGEROUS.get(key, _IDLE), "warn" if key in DANGEROUS else "info")
            for key in has
            if key not in needed
        )
        return Rights(
            container,
            there=tuple(replace(right, level="info", instead="") for key, right in needed.items() if key in has),
            missing=tuple(right for key, right in needed.items() if key not in has),
            more=tuple(more),
            unknown=self.scopes(needed),
            give=_GIVE if self.writes else _GIVE_READER,
            take=_TAKE,
        )
