"""Checks JSON against an OpenAPI 3.0 description, which differs from JSON Schema in `nullable`."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

SPECS = Path(__file__).parents[3] / "shared" / "specs"

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class OpenApi:
    """One description. `of` skips the test where the file is missing: it lies beside the repository."""

    def __init__(self, document: Any) -> None:
        self._document = _nullable(document)

    @staticmethod
    def of(name: str) -> OpenApi:
        """The description of that file name in `../shared/specs`."""
        if not (SPECS / name).exists():
            pytest.skip(f"needs {name} of ../shared/specs, which lies beside the repository")
        return _read(name)

    @property
    def paths(self) -> list[str]:
        """Every path that is described."""
        return list(self._document["paths"])

    def answer(self, template: str, method: str, status: int, body: object) -> None:
        """Assert that a body is what the description says for that path, method and status."""
        responses = self._document["paths"][template][method.lower()]["responses"]
        assert str(status) in responses, f"{method} {template} never answers {status}, but {', '.join(responses)}"
        self._check(self._schema(self._resolved(responses[str(status)])), body)

    def request(self, template: str, method: str, body: object) -> None:
        """Assert that a body may be sent there."""
        self._check(
            self._schema(self._resolved(self._document["paths"][template][method.lower()]["requestBody"])), body
        )

    def _resolved(self, part: Any) -> Any:
        while "$ref" in part:
            found = self._document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def _schema(self, part: Any) -> Any:
        return part.get("content", {}).get("application/json", {}).get("schema", {})

    def _check(self, schema: Any, body: object) -> None:
        whole = {"allOf": [schema], "components": self._document["components"]}
        problems = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in jsonschema.Draft4Validator(whole, format_checker=_formats).iter_errors(body)
        ]
        assert problems == []


@cache
def _read(name: str) -> OpenApi:
    with gzip.open(SPECS / name, "rt", encoding="utf-8") as file:
        return OpenApi(json.load(file))


def _nullable(part: Any) -> Any:
    if isinstance(part, list):
        return [_nullable(one) for one in part]
    if not isinstance(part, dict):
        return part
    turned = {name: _nullable(value) for name, value in part.items()}
    return {"anyOf": [turned, {"enum": [None]}]} if turned.pop("nullable", False) is True else turned
