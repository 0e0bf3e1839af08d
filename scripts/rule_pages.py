"""Renews docs/rules: a page for every rule of mdpc's own, made of the rule itself, and the table of all of them.

`bash scripts/rule-pages` writes them; a test says when that was forgotten.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

from mdpc.report.rule_page import documentation, rule_markdown
from mdpc.rules.base import Rule

FOLDER = Path(__file__).parent.parent / "docs" / "rules"

INDEX = """\
# Rules

A rule is `off`, `warn` or `error`, for all milestones under `[rules]` or, by `[[overrides]]`, for some. A `[[waivers]]`
entry is an exception with a reason and an end. What was closed before mdpc first saw it open is history: it is counted,
never judged and never written to.

| rule | default | says |
| --- | --- | --- |
{rows}

`mdpc explain RULE` prints a rule's page in a terminal, `mdpc explain KEY` tells which rules apply to one milestone and
why. A rule of your own is a small class: [Extending mdpc](../extending.md#a-rule).
"""

FOOT = """\
`level` is `off`, `warn` or `error`. [All rules](index.md).
"""


def own_rules() -> dict[str, type[Rule]]:
    """The rules that come with mdpc, by name; those of other packages have pages of their own."""
    found = {point.name: point.load() for point in distribution("mdpc").entry_points if point.group == "mdpc.rules"}
    return dict(sorted(found.items()))


def pages() -> dict[str, str]:
    """What docs/rules holds: file names and texts."""
    rules = own_rules()
    made = {f"{name}.md": f"{rule_markdown(name, rule, depth=1)}\n{FOOT}" for name, rule in rules.items()}
    return made | {"index.md": INDEX.format(rows="\n".join(_row(name, rule) for name, rule in rules.items()))}


def _row(name: str, rule: type[Rule]) -> str:
    says = " ".join(documentation(rule).split("\n\n")[0].split()).removesuffix(".")
    return f"| [`{name}`]({name}.md) | {rule.default.value} | {says[0].lower()}{says[1:]} |"


def renew(folder: Path = FOLDER) -> None:
    """Write every page, and remove those of rules that are there no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew()
