"""The further fields of a coordination issue: what they are called in Jira, what has to be set, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc_jira import adf
from mdpc_jira.client import JiraClient
from mdpc_jira.search import Ask
from mdpc_jira.settings import OURS

Json = dict[str, Any]

PAGE = 200

_NAMED = ("priority", "component", "version", "securitylevel", "resolution", "group")
"""Types whose values Jira takes by their name."""


@dataclass(frozen=True, slots=True)
class CreateField:
    """A field that can be set when an issue is made. `type` is Jira's, of a list `items` that of its parts."""

    id: str
    name: str = ""
    required: bool = False
    type: str = ""
    items: str = ""
    rich: bool = False

    def payload(self, value: Any, *, cloud: bool) -> Any:
        """A value of the configuration as Jira takes it: what is no plain string is sent as it is."""
        if self.type == "array":
            values = value if isinstance(value, list) else [value]
            return [_payload(each, self.items, cloud) for each in values]
        return (
            adf.written(value) if self.rich and cloud and isinstance(value, str) else _payload(value, self.type, cloud)
        )


def _payload(value: Any, kind: str, cloud: bool) -> Any:
    if not isinstance(value, str):
        return value
    if kind in _NAMED:
        return {"name": value}
    if kind == "option":
        return {"value": value}
    if kind == "user":
        return {"accountId" if cloud else "name": value}
    return value


WELL_KNOWN = (
    CreateField("priority", "Priority", type="priority"),
    CreateField("components", "Components", type="array", items="component"),
    CreateField("versions", "Affects versions", type="array", items="version"),
    CreateField("fixVersions", "Fix versions", type="array", items="version"),
    CreateField("security", "Security Level", type="securitylevel"),
)
"""What is known of every Jira, for one that does not tell its fields."""


def create_fields(ask: Ask, project: str, kind: str) -> list[CreateField] | None:
    """The fields of new issues of a type in a project, None where the project has no such type.

    Needs Create Issues; raises TrackerError, and where an answer is of another shape.
    """
    path = f"issue/createmeta/{project}/issuetypes"
    types = _listed(ask, path, "issueTypes")
    known = [raw for raw in types if raw["name"] == kind] or [
        raw for raw in types if raw["name"].casefold() == kind.casefold()
    ]
    return [_field(raw) for raw in _listed(ask, f"{path}/{known[0]['id']}", "fields")] if known else None


def payloads(given: Mapping[str, Any], fields: Sequence[CreateField], client: JiraClient) -> Json:
    """The configuration's fields by their ids; what no field is called like is taken for an id."""
    names = {field.name.casefold(): field for field in fields} | {field.id.casefold(): field for field in fields}
    found = {name: names.get(name.casefold(), CreateField(name)) for name in given}
    return {found[name].id: found[name].payload(value, cloud=client.cloud) for name, value in given.items()}


def lacking(given: Mapping[str, Any], fields: Sequence[CreateField]) -> list[CreateField]:
    """The fields that have to be set and that nobody sets."""
    told = {name.casefold() for name in given}
    return [
        field
        for field in fields
        if field.required and field.id not in OURS and told.isdisjoint((field.id.casefold(), field.name.casefold()))
    ]


def _listed(ask: Ask, path: str, name: str) -> list[Json]:
    """All of a list, which has its own name on Cloud and is a page of values on Data Center."""
    found: list[Json] = []
    while True:
        page = ask(path, {"startAt": len(found), "maxResults": PAGE})
        values: list[Json] = page[name] if name in page else page["values"]
        found += values
        if not values or page.get("isLast", len(found) >= page.get("total", 0)):
            return found


def _field(raw: Json) -> CreateField:
    schema: Json = raw.get("schema") or {}
    return CreateField(
        id=str(raw["fieldId"]),
        name=str(raw.get("name", "")),
        required=bool(raw.get("required")) and not raw.get("hasDefaultValue"),
        type=str(schema.get("type", "")),
        items=str(schema.get("items", "")),
        rich=str(schema.get("custom", "")).endswith(":textarea") or schema.get("system") == "environment",
    )
