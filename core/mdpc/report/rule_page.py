"""A rule's documentation, made of the rule itself: its docstring, its default, its settings. Pure."""

from __future__ import annotations

import json
import textwrap

from pydantic_core import PydanticUndefined

from mdpc.escape import json_text
from mdpc.report.as_json import SCHEMA
from mdpc.report.page import DIM, Look, Page
from mdpc.rules.base import Rule


def rule_text(name: str, rule: type[Rule], look: Look) -> str:
    """A rule's documentation: its docstring, its default level, its own settings."""
    page = Page(look)
    page.line((name, "bold"))
    for block in documentation(rule).split("\n\n"):
        page.blank()
        page.paragraph(" ".join(block.split()))
    page.heading(("default: ", DIM), rule.default.value)
    for field, what, default in rule_fields(rule):
        page.paragraph(
            f"{what}{f'; default {default}' if default else '; required'}", indent=len(field) + 4, label=(f"  {field}",)
        )
    page.blank()
    page.paragraph(("In the configuration: ", DIM), example(name, rule))
    return page.text


def documentation(rule: type[Rule]) -> str:
    """A rule's docstring, which is Markdown, without its indentation."""
    first, _, rest = (rule.__doc__ or "").strip().partition("\n")
    return f"{first}\n{textwrap.dedent(rest)}".strip()


def rule_fields(rule: type[Rule]) -> list[tuple[str, str, str]]:
    """A rule's own settings: name, what it is, default as TOML would have it (empty where it must be set)."""
    own = {name: info for name, info in rule.model_fields.items() if name != "level"}
    return [
        (name, info.description or "", "" if info.default is PydanticUndefined else _toml(info.default))
        for name, info in own.items()
    ]


def example(name: str, rule: type[Rule]) -> str:
    """How to turn the rule on: the table, and its line."""
    return f"[rules] {_line(name, rule)}"


def _line(name: str, rule: type[Rule]) -> str:
    """The line that turns a rule on."""
    fields = rule_fields(rule)
    if not fields:
        return f'{name} = "error"'
    own = ", ".join(f"{field} = {default or _instead(rule, field)}" for field, _, default in fields)
    return f'{name} = {{ level = "error", {own} }}'


def _instead(rule: type[Rule], field: str) -> str:
    """What stands in an example for a setting without a default."""
    examples = rule.model_fields[field].examples
    return _toml(examples[0]) if examples else "…"


def _toml(value: object) -> str:
    """A default as TOML: JSON is that, too, for all that a setting is."""
    return json.dumps(value, ensure_ascii=False)


def rule_json(name: str, rule: type[Rule]) -> str:
    """A rule's documentation as JSON."""
    return (
        json_text(
            {
                "schema": SCHEMA,
                "command": "explain",
                "rule": name,
                "documentation": documentation(rule),
                "default": rule.default.value,
                "settings": [
                    {"name": field, "description": what, "default": default or None}
                    for field, what, default in rule_fields(rule)
                ],
                "example": example(name, rule),
            }
        )
        + "\n"
    )


def rule_markdown(name: str, rule: type[Rule], *, depth: int = 3) -> str:
    """A rule's documentation as Markdown, below a heading of that depth: docstrings are Markdown already."""
    fields = [
        f"- `{field}`: {what}; {f'default `{default}`' if default else 'required'}"
        for field, what, default in rule_fields(rule)
    ]
    parts = [f"{'#' * depth} {name}", documentation(rule), f"Default: `{rule.default.value}`", "\n".join(fields)]
    return "\n\n".join([*filter(None, parts), f"```toml\n[rules]\n{_line(name, rule)}\n```"]) + "\n"
