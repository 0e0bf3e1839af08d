"""Who may do what on the sandbox's GitHub: tokens, an App, and how many requests are left."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import count
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mdpc_sandbox.github.model import Repository
from mdpc_sandbox.github.seed import AppSeed, Token

HOUR = 3600
ANONYMOUS_LIMIT = 60


def _matches(globs: Iterable[str] | None, repository: Repository) -> bool:
    name = repository.full_name.lower()
    return globs is None or any(fnmatchcase(name, glob.lower()) for glob in globs)


@dataclass(slots=True)
class Meter:
    """What is left of an hour's allowance. `reset` is in seconds since the epoch, by the real clock."""

    limit: int
    used: int = 0
    reset: int = field(default_factory=lambda: int(time.time()) + HOUR)

    @property
    def remaining(self) -> int:
        """Requests, or points, until `reset`."""
        return max(self.limit - self.used, 0)

    def renew(self) -> None:
        """Begin a new hour once the old one is over."""
        if time.time() >= self.reset:
            self.used, self.reset = 0, int(time.time()) + HOUR

    def as_json(self) -> dict[str, int]:
        """As `/rate_limit` shows it."""
        return {"limit": self.limit, "used": self.used, "remaining": self.remaining, "reset": self.reset}


class Viewer:
    """Whoever sent a request: a token, or nobody. Keeps the meters of its allowances."""

    def __init__(self, token: Token | None) -> None:
        self.token = token
        limit = token.hourly if token else ANONYMOUS_LIMIT
        self.core = Meter(limit)
        self.graphql = Meter(limit if token else 0)

    @property
    def login(self) -> str:
        """The account; for an App's token the App's own."""
        return self.token.login if self.token else ""

    @property
    def reads_teams(self) -> bool:
        """Whether they may read who is in a team; a workflow's token never may."""
        return self.token is not None and self.token.teams and self.token.kind != "actions"

    def covers(self, repository: Repository) -> bool:
        """Whether the token was made for this repository."""
        return self.token is not None and _matches(self.token.repositories, repository)

    def sees(self, repository: Repository) -> bool:
        """Whether it exists for them."""
        if not repository.private:
            return True
        hidden = self.token is None or (self.token.kind == "classic" and "repo" not in self.token.scopes)
        return not hidden and self.covers(repository)

    def role(self, repository: Repository) -> str:
        """The account's role there, whatever the token allows: read, triage, write, maintain or admin."""
        if self.token is None or not self.covers(repository):
            return "read"
        above = self.token.write if self.token.push is None else _matches(self.token.push, repository)
        return self.token.role if above else "read"

    def pushes(self, repository: Repository) -> bool:
        """Whether the account may push there, whatever the token allows."""
        return self.role(repository) not in ("read", "triage")


class App:
    """A GitHub App: its requests are JWTs signed with its private key, RS256, at most ten minutes valid."""

    def __init__(self, seed: AppSeed) -> None:
        self.seed = seed

    @cached_property
    def private_key(self) -> str:
        """The private key as PEM: the seed's file, or one made now."""
        if self.seed.private_key_file:
            return Path(self.seed.private_key_file).read_text(encoding="ascii")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()

    @cached_property
    def _public_key(self) -> str:
        key = serialization.load_pem_private_key(self.private_key.encode(), None)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return public.decode()

    def keep_key(self, path: Path) -> None:
        """Use the private key in that file; where there is none, write this one there, for its owner alone."""
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(self.private_key, encoding="ascii")
        self.private_key = path.read_text(encoding="ascii")

    def installed(self, repository: Repository) -> bool:
        """Whether the App may see this repository."""
        return _matches(self.seed.repositories, repository)

    def signed(self, credential: str) -> bool:
        """Whether a credential is a JWT of this App."""
        try:
            claims = jwt.decode(credential, self._public_key, algorithms=["RS256"], options={"verify_iss": False})
        except jwt.InvalidTokenError:
            return False
        return str(claims.get("iss")) == str(self.seed.id) and claims.get("exp", 0) - time.time() <= HOUR / 6


class Access:
    """The tokens and the App."""

    def __init__(self) -> None:
        self.nobody = Viewer(None)
        self._viewers = {"": self.nobody}
        self._issued = count(1)
        self.app = App(AppSeed())

    @property
    def tokens(self) -> list[Token]:
        """The tokens that are let in."""
        return [viewer.token for viewer in self._viewers.values() if viewer.token]

    def load(self, tokens: Iterable[Token], app: AppSeed) -> None:
        """Let these in."""
        for token in tokens:
            self.add(token)
        self.app = App(app)

    def add(self, token: Token) -> Token:
        """Let one more in."""
        self._viewers[token.value] = Viewer(token)
        return token

    def viewer(self, credential: str) -> Viewer | None:
        """Who sent that credential ('' is nobody); None where it is wrong."""
        return self._viewers.get(credential)

    def issue(self, *, write: bool, repositories: tuple[str, ...] | None = None) -> Token:
        """A new token of the App's installation, for those of its repositories or for all."""
        seed = self.app.seed
        return self.add(
            Token(
                value=f"sandbox-installation-{next(self._issued)}",
                login=f"{seed.slug}[bot]",
                kind="app",
                write=write and seed.write,
                teams=seed.teams,
                repositories=seed.repositories if repositories is None else repositories,
            )
        )
