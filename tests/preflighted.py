"""What preflight found, taken apart: problems as `mdpc doctor` tells them, and the rights by container."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mdpc.connector import Problem, Right, Rights
from mdpc.report.rights import problems_of_rights


def problems_in(found: Iterable[Problem | Rights]) -> list[Problem]:
    """The problems, those that rights make included, which come last."""
    known = list(found)
    rights = [each for each in known if isinstance(each, Rights)]
    return [*(each for each in known if isinstance(each, Problem)), *problems_of_rights(rights)]


def rights_in(found: Iterable[Problem | Rights]) -> dict[str, Rights]:
    """The rights, by container."""
    return {each.container: each for each in found if isinstance(each, Rights)}


def names(rights: Sequence[Right]) -> list[str]:
    """What rights are called."""
    return [each.name for each in rights]
