"""Which repositories a viewer is shown in lists: the same in REST and in GraphQL."""

from __future__ import annotations

from mdpc_sandbox.github.model import Repository
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Viewer


def is_owner(state: GitHubState, login: str) -> bool:
    """Whether somebody of that name exists: a person of the seed, or an owner of repositories."""
    return login.lower() in state.people or any(one.owner.lower() == login.lower() for one in state.repositories)


def is_organization(state: GitHubState, login: str) -> bool:
    """Whether that owner is an organisation."""
    return is_owner(state, login) and login.lower() not in state.people


def owned(state: GitHubState, viewer: Viewer, login: str) -> list[Repository]:
    """The repositories of an owner, as far as the viewer sees them."""
    return [one for one in _listed(state, viewer) if one.owner.lower() == login.lower()]


def own(state: GitHubState, viewer: Viewer) -> list[Repository]:
    """The viewer's own: covered by the token, and private or open to a push of its account."""
    return [one for one in covered(state, viewer) if one.private or viewer.pushes(one)]


def covered(state: GitHubState, viewer: Viewer) -> list[Repository]:
    """The repositories that the viewer's token was made for."""
    return [one for one in _listed(state, viewer) if viewer.covers(one)]


def affiliation(state: GitHubState, viewer: Viewer, repository: Repository) -> str:
    """How the viewer belongs to a repository: OWNER, COLLABORATOR (of a person's) or ORGANIZATION_MEMBER."""
    if repository.owner.lower() == viewer.login.lower():
        return "OWNER"
    return "COLLABORATOR" if repository.owner.lower() in state.people else "ORGANIZATION_MEMBER"


def _listed(state: GitHubState, viewer: Viewer) -> list[Repository]:
    # What a fault makes vanish on its own vanishes from lists, too.
    gone = {(rule.repository or "").lower() for rule in state.faults.rules if rule.status == 404 and not rule.drop}
    return [one for one in state.repositories if viewer.sees(one) and one.full_name.lower() not in gone]
