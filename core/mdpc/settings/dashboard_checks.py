"""Whether every program can have its dashboard, where dashboards are wanted. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdpc.settings.home_checks import connectors_of, home_named_by
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, quoted
from mdpc.settings.raw import table_of, tables_of

_BUDGET: KeyPath = ("escalation", "per_person_per_week")

_NEEDS_ONE: tuple[tuple[KeyPath, str, str], ...] = (
    (("digest",), "a digest", "it is a comment on them"),
    (_BUDGET, "a noise budget", "what it holds back is remembered there"),
)


def _stands(tables: Mapping[str, Any], path: KeyPath) -> bool:
    *above, key = map(str, path)
    for name in above:
        tables = table_of(tables, name)
    return key in tables


def check_dashboards(tables: Mapping[str, Any], problems: Problems) -> None:
    """Report what needs dashboards where there are none, and programs whose dashboard can have no place."""
    if _stands(tables, _BUDGET) and not _stands(tables, ("digest",)):
        what = "a noise budget needs a digest: what it holds back is told there"
        problems.add(_BUDGET, what, 'write [digest], such as every = "monday" and to = ["stakeholders"]')
    if table_of(tables, "writeback").get("dashboard") is not True:
        for path, name, why in _NEEDS_ONE:
            if _stands(tables, path):
                problems.add(path, f"{name} needs dashboards: {why}", "write dashboard = true into [writeback]")
        return
    connectors = table_of(tables, "connectors")
    for index, raw in tables_of(tables, "programs"):
        if home_named_by(raw) is None and raw.get("members"):
            what = "its dashboard has no place: all of its members are globs"
            problems.add(("programs", index), what, 'name a `home`, such as home = "github:acme/api"')
            continue
        homes = [name for name in connectors_of(raw) if table_of(connectors, name).get("access") == "read"]
        if homes:
            what = f'its dashboard cannot be written: {quoted(homes[0])} has access = "read"'
            problems.add(("programs", index), what, "name a `home` elsewhere, or say dashboard = false")
