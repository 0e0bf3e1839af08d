"""Which of the projects that were found are another shard's: left out before their milestones are read."""

from __future__ import annotations

from collections.abc import Iterable

from mdpc.sharding import Share, Whose
from mdpc_jira.client import JiraClient
from mdpc_jira.projects import Found, Project, ids_of


def divide(client: JiraClient, share: Share, found: Found) -> None:
    """Keep what is this shard's. Raises TrackerError where the credentials are wrong or nobody answers."""
    by_id, doubt = _by_former_keys(client, share, found)
    kept: list[Project] = []
    for project in found.projects:
        former = [*found.names(project.key)[1:], *by_id.get(project.id, ())]
        if doubt and share.may_be_ours(project.key, former):
            _lose(found, project, f"Whether it is another shard's under a former key is not known. {doubt}")
            continue
        whose = share.whose(project.key, former)
        if whose is Whose.OURS:
            kept.append(project)
        elif whose is Whose.DISPUTED:
            _lose(found, project, f"A program of another shard names {project.key} as well: name it in one alone.")
        else:
            _pass_on(found, project)
    found.projects = kept


def _lose(found: Found, project: Project, why: str) -> None:
    """Leave a project alone, and say so under each of its names."""
    found.elsewhere += 1
    found.unread[project.key] = why


def _pass_on(found: Found, project: Project) -> None:
    found.elsewhere += 1
    found.renamed = {old: now for old, now in found.renamed.items() if now != project.key}


def _by_former_keys(client: JiraClient, share: Share, found: Found) -> tuple[dict[str, list[str]], str]:
    """What projects were called that other shards' programs name by a former key; and why that is not known.

    It matters only where there is a project that no program names as it is called now, and is asked of those keys
    alone that no listing has.
    """
    if not any(share.may_be_ours(each.key, found.names(each.key)[1:]) for each in found.projects):
        return {}, ""
    known = found.listed | {each.key.upper() for each in found.projects}
    return ids_of(client, _unknown(share, known))


def _unknown(share: Share, known: frozenset[str]) -> Iterable[str]:
    return (key for name in share.elsewhere if (key := name.upper()) not in known)
