"""The page on rights says what the code needs: its tables are compared with what a container needs for each use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdpc.rights import Rights, Use
from mdpc_github import rights as github
from mdpc_github.selection import Repository
from mdpc_jira.rights import DANGEROUS, NAMES, Needs

PAGE = (Path(__file__).parent.parent / "docs" / "permissions.md").read_text(encoding="utf-8")
NONE = ("none", "\u2013", "not possible")


def table(first: str) -> tuple[list[str], list[list[set[str]]]]:
    """The heading and the rows of the table whose first column is called so; each cell a set of rights."""
    head, _, *lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n", 1)[0].splitlines()
    rows = [[each.strip() for each in line.strip("|").split("|")] for line in lines]
    return [each.strip() for each in head.strip("|").split("|")], [[_rights(cell) for cell in row[1:]] for row in rows]


def _rights(cell: str) -> set[str]:
    return set() if cell in NONE else {each.strip() for each in cell.split(",")}


@pytest.mark.parametrize(
    ("column", "cloud", "milestones"),
    [(1, True, "versions"), (2, False, "versions"), (3, True, "epics"), (4, False, "epics")],
)
def test_what_a_jira_project_needs(column: int, cloud: bool, milestones: str) -> None:
    head, rows = table("what mdpc does in a project")
    assert head[column] == f"{'issues' if milestones == 'epics' else 'versions'}, {'Cloud' if cloud else 'Data Center'}"
    own_field = milestones == "epics"
    plain = Needs(cloud, milestones, writes=True, schedules=own_field)
    groups = Needs(cloud, milestones, writes=True, schedules=own_field, groups=True)
    basis = {NAMES["BROWSE_PROJECTS"]}
    needed = [basis, *(_named(plain, use) - basis for use in Use if use is not Use.READ), _named(groups) - basis]
    assert [row[column - 1] for row in rows] == needed


def _named(needs: Needs, *uses: Use) -> set[str]:
    return {right.name for right in needs.rights(frozenset(uses)).values()}


def test_what_a_token_with_scopes_needs() -> None:
    _, rows = table("what a token with scopes is for")
    needs = Needs(cloud=True, milestones="versions", writes=True, groups=True, scoped=True)
    told = {
        frozenset(keys): {right.name.removeprefix("scope ") for right in needs.scopes(keys)}
        for keys in ((), ("ADMINISTER_PROJECTS",), ("EDIT_ISSUES",), ("USER_PICKER",))
    }
    basis = told[frozenset()]
    assert [row[0] for row in rows] == [basis, *(scopes - basis for keys, scopes in told.items() if keys)]


USED = (
    frozenset({Use.READ}),
    frozenset({Use.READ, Use.WRITE, Use.STATES, Use.MEMORY, Use.CREATE, Use.LINKS}),
    frozenset({Use.READ, Use.ISSUES}),
)


def wanted(uses: frozenset[Use], *, public: bool = True, teams: bool = False) -> github.Wanted:
    return github.Wanted(Repository("acme/api", "R_1", "https://github.com/acme/api", public), uses, teams, "github")


def names(rights: Rights) -> set[str]:
    """What is needed and was not there."""
    needed = (*rights.missing, *rights.unknown)
    return {right.name.removeprefix("scope ").removesuffix(" in `permissions:`") for right in needed}


@pytest.mark.parametrize("row", range(3))
def test_what_a_repository_needs(row: int) -> None:
    _, rows = table("what mdpc does in a repository")
    uses = USED[row]
    fine, public, private, workflow, role = rows[row]
    assert fine == names(github.of_app(wanted(uses), {})) == names(github.of_untold(wanted(uses)))
    assert public == names(github.of_scopes(wanted(uses), (), all_public=True))
    assert private == names(github.of_scopes(wanted(uses, public=False), (), all_public=False))
    assert workflow == names(github.of_workflow(wanted(uses)))
    least = next(
        each
        for each in ("read", "write")
        if not github.with_role(Rights("github:acme/api"), as_role(uses, each), bot=False).missing
    )
    assert role == {least.capitalize()}


def as_role(uses: frozenset[Use], role: str) -> github.Wanted:
    repository = Repository("acme/api", "R_1", "", public=True, role=role)
    return github.Wanted(repository, uses, teams=False, connector="github")


def test_what_teams_need() -> None:
    _, rows = table("what mdpc does in a repository")
    fine, public, private, workflow, _ = rows[3]
    team, plain = wanted(USED[0], teams=True), wanted(USED[0])
    assert fine == names(github.of_app(team, {})) - names(github.of_app(plain, {}))
    assert public == private == names(github.of_scopes(team, (), all_public=True))
    assert workflow == set()
    assert [right.name for right in github.of_workflow(team).missing] == ["Members: read"]


def listed(after: str) -> set[str]:
    """The list of names, separated by commas, that follows these words up to an empty line, a full stop or a point."""
    text = PAGE.split(after, 1)[1].lstrip(":")
    whole = re.split(r"\n\n|\n- |\. ", text, maxsplit=1)[0]
    return {each.strip() for each in " ".join(whole.split()).split(",")}


def test_what_is_dangerous_is_listed() -> None:
    assert listed("of an App, where more than read:") == {github.shown(key) for key in github.DANGEROUS}
    assert listed("scopes of a classic token:") == set(github.SCOPES)
    assert listed("More than needed, and dangerous: ") == {NAMES[key] for key in DANGEROUS}


def test_the_readme_and_the_page_on_security_lead_there() -> None:
    root = Path(__file__).parent.parent
    for page in ("README.md", "SECURITY.md"):
        assert "docs/permissions.md" in (root / page).read_text(encoding="utf-8")
