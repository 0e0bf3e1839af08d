"""One REST call: who asks, for what, and the answers and refusals in GitHub's own shape."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from mdpc_sandbox.github.model import Issue, Milestone, Repository
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Meter, Viewer

Held = TypeVar("Held")

DOCS = "https://docs.github.com/rest"
WORDS = {str: "a string", int: "an integer", list: "an array", dict: "an object", NoneType: "null"}


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """An answer that says no."""

    def __init__(self, status: int, message: str, *, errors: Sequence[Any] = (), location: str = "") -> None:
        self.status = status
        self.content = {"message": message, **({"errors": list(errors)} if errors else {}), "documentation_url": DOCS}
        self.content["status"] = str(status)
        self.headers = {"Location": location} if location else {}
        super().__init__(message)


@dataclass(slots=True)
class Answer:
    """An answer that says yes."""

    content: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def not_found() -> Refused:
    """What is not there, or not for this viewer, or not known to the sandbox."""
    return Refused(404, "Not Found")


@dataclass(slots=True)
class Call:
    """A request with its body read. `viewer` is who sent it."""

    state: GitHubState
    viewer: Viewer
    request: Request
    body: dict[str, Any]

    # ── What is asked ─────────────────────────────────────────────────────────────────────────────

    def query(self, **allowed: tuple[str, ...] | None) -> dict[str, str]:
        """The query's parameters: each with the values it may have, the first by default; None is any value.

        Refuses every other parameter: the sandbox would ignore it, and a test would never know.
        """
        given = dict(self.request.query_params)
        answer = {name: values[0] for name, values in allowed.items() if values}
        for name, value in given.items():
            if name in ("page", "per_page"):
                continue
            values = allowed.get(name, ())
            if values is not None and value not in values:
                raise Refused(422, f"The sandbox does not know {name}={value} here.")
            answer[name] = value
        return answer

    def fields(self, needed: str | None = None, /, **types: tuple[type, ...]) -> dict[str, Any]:
        """The body's fields, each of one of the given types; refuses others, as GitHub does."""
        if needed and needed not in self.body:
            raise Refused(422, f'Invalid request.\n\n"{needed}" wasn\'t supplied.')
        for name, value in self.body.items():
            if name not in types:
                raise Refused(422, f'Invalid request.\n\n"{name}" is not a permitted key.')
            if type(value) not in types[name]:
                shown = "nil" if value is None else json.dumps(value)
                words = " or ".join(WORDS[kind] for kind in types[name])
                raise Refused(422, f"Invalid request.\n\nFor 'properties/{name}', {shown} is not {words}.")
        if self.body.get("state", "open") not in ("open", "closed"):
            raise Refused(
                422, f"Invalid request.\n\n{json.dumps(self.body['state'])} is not a member of [open, closed]."
            )
        return dict(self.body)

    # ── What it is about ──────────────────────────────────────────────────────────────────────────

    def repository(self) -> Repository:
        """The repository of the path; refused where the viewer does not see it, redirected where it moved."""
        path = self.request.path_params
        if "id" in path:
            held = next((one for one in self.state.repositories if one.id == path["id"]), None)
            name = held.full_name if held else ""
        else:
            name = f"{path['owner']}/{path['repo']}"
            held = self.state.get(name)
        if held and self.viewer.sees(held):
            return held
        moved = self.state.renamed(name)
        if moved and self.viewer.sees(moved):
            rest = self.request.url.path.split(f"/repos/{name}", 1)[1]
            url = f"{self.state.url}/repositories/{moved.id}{rest}"
            query = self.request.url.query
            status = 301 if self.request.method == "GET" else 307
            raise Refused(status, "Moved Permanently", location=f"{url}?{query}" if query else url)
        raise not_found()

    def tracked(self) -> Repository:
        """The repository of the path, which must have issues."""
        held = self.repository()
        if not held.has_issues:
            raise Refused(410, "Issues has been disabled in this repository.")
        return held

    def milestone(self) -> tuple[Repository, Milestone]:
        """The milestone of the path."""
        within = self.tracked()
        try:
            return within, within.milestones[self.request.path_params["number"]]
        except KeyError:
            raise not_found() from None

    def issue(self) -> tuple[Repository, Issue]:
        """The issue of the path."""
        within = self.tracked()
        number = self.request.path_params["number"]
        if number in within.issues:
            return within, within.issues[number]
        raise self._gone(within, number)

    def _gone(self, within: Repository, number: int) -> Refused:
        """A transferred issue leads on, but nothing below it does; a deleted one says that it was deleted."""
        moved = within.moved.get(number)
        alone = self.request.url.path.endswith(f"/issues/{number}")
        if moved and alone and self.viewer.sees(moved[0]):
            location = f"{self.state.url}/repositories/{moved[0].id}/issues/{moved[1]}"
            return Refused(301 if self.request.method == "GET" else 307, "Moved Permanently", location=location)
        if number in within.gone and not moved:
            return Refused(410, "This issue was deleted")
        return not_found()

    # ── Whether it may be done ────────────────────────────────────────────────────────────────────

    def may_write(self, repository: Repository, *, push: bool) -> None:
        """Refuse where the token does not allow to write there, or its account lacks the right to push."""
        token = self.viewer.token
        if token is None:
            raise Refused(401, "Requires authentication")
        if not token.write or not self.viewer.covers(repository):
            what = "integration" if token.is_app else "personal access token"
            raise Refused(403, f"Resource not accessible by {what}")
        if repository.archived:
            raise Refused(403, "Repository was archived so is read-only.")
        if push and not self.viewer.pushes(repository):
            raise not_found()

    # ── What is answered ──────────────────────────────────────────────────────────────────────────

    def page(self, held: Sequence[Held], shape: Callable[[Held], Any]) -> Answer:
        """One page of a list, with links to the others."""
        size = min(max(self._number("per_page", 30), 1), 100)
        page, last = max(self._number("page", 1), 1), max(-(-len(held) // size), 1)
        rels = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = (["prev"] if page > 1 else []) + (["next", "last"] if page < last else [])
        wanted += ["first"] if page > 1 else []
        links = ", ".join(f'<{self._page_url(rels[rel])}>; rel="{rel}"' for rel in wanted)
        content = [shape(item) for item in held[(page - 1) * size : page * size]]
        return Answer(content, headers={"Link": links} if links else {})

    def _number(self, name: str, default: int) -> int:
        text = self.request.query_params.get(name, "")
        return int(text) if text.isdecimal() else default

    def _page_url(self, page: int) -> str:
        query = urlencode(dict(self.request.query_params) | {"page": str(page)})
        return f"{self.state.url}{self.request.url.path.removeprefix('/github/api/v3')}?{query}"


def respond(request: Request, answer: Answer | Refused, meter: Meter | None, viewer: Viewer | None) -> Response:
    """The HTTP response: ETag, 304 (which does not count), what is left of the allowance, a classic token's scopes."""
    body = b"" if answer.content is None else json.dumps(answer.content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "X-GitHub-Media-Type": "github.v3"} | answer.headers
    status = answer.status
    if request.method == "GET" and status == 200:
        headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
            if meter:
                meter.used -= 1
    if meter:
        resource = "graphql" if viewer and meter is viewer.graphql else "core"
        headers |= {f"X-RateLimit-{name.title()}": str(value) for name, value in meter.as_json().items()}
        headers["X-RateLimit-Resource"] = resource
    if viewer and viewer.token and viewer.token.kind == "classic":
        headers["X-OAuth-Scopes"] = ", ".join(viewer.token.scopes)
    return Response(body, status, headers)
