"""Who mdpc is at GitHub: a token, a GitHub App's installation, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from github import Auth, GithubException
from github.InstallationAuthorization import InstallationAuthorization
from github.Requester import Requester
from jwt.exceptions import PyJWTError

from mdpc.connector import TrackerError
from mdpc_github.settings import GitHubSettings

_PREFIXES = {
    "ghp_": "a classic personal access token",
    "github_pat_": "a fine-grained personal access token",
    "gho_": "an OAuth token",
    "ghu_": "a GitHub App user's token",
    "ghs_": "an installation token (a GitHub App's, or a workflow's GITHUB_TOKEN)",
}


class _Installation(Auth.AppInstallationAuth):
    """An installation's token that tells how often it was fetched, what it may do, and whether everywhere."""

    def __init__(self, app: Auth.AppAuth, installation: int, fetched: Callable[[], None]) -> None:
        super().__init__(app, installation)
        self._fetched = fetched
        self.permissions: Mapping[str, str] = {}
        self.everywhere = False

    def _get_installation_authorization(self) -> InstallationAuthorization:
        self._fetched()
        authorization = super()._get_installation_authorization()
        self.permissions = dict(authorization.permissions)
        self.everywhere = authorization.repository_selection == "all"
        return authorization


class Credentials:
    """The secret of one connector and what is known about it. Touches the network only in `auth` and `renew`."""

    def __init__(self, settings: GitHubSettings, count: Callable[[], None]) -> None:
        self._settings = settings
        self._count = count
        self._installation: _Installation | None = None

    @property
    def is_app(self) -> bool:
        """Whether mdpc is a GitHub App."""
        return self._settings.app_id is not None

    @property
    def present(self) -> bool:
        """Whether there is a token or an App at all."""
        return self.is_app or bool(self._token)

    @property
    def is_installation(self) -> bool:
        """Whether the token is an installation's, which sees the installation's repositories and has no user."""
        return self.is_app or self._token.startswith("ghs_")

    @property
    def kind(self) -> str:
        """What kind of token it is, in words."""
        if self.is_app:
            return "a GitHub App"
        return next((kind for prefix, kind in _PREFIXES.items() if self._token.startswith(prefix)), "a token")

    @property
    def permissions(self) -> Mapping[str, str] | None:
        """The App's permissions, None before the first request and for other tokens."""
        return self._installation.permissions if self._installation else None

    @property
    def is_everywhere(self) -> bool:
        """Whether the App is installed on all repositories of its owner; False before the first request."""
        return self._installation is not None and self._installation.everywhere

    @property
    def _token(self) -> str:
        token = self._settings.token
        return token.get_secret_value().strip() if token else ""

    def auth(self, requester_with: Callable[[Auth.Auth], Requester]) -> Auth.Auth | None:
        """What PyGithub needs; looks an App's installation up if the settings do not name it (TrackerError)."""
        key = self._settings.private_key
        if self._settings.app_id is None or key is None:
            return Auth.Token(self._token) if self._token else None
        app = Auth.AppAuth(self._settings.app_id, key.get_secret_value())
        number = self._settings.installation_id or self._look_up(requester_with(app))
        self._installation = _Installation(app, number, self._count)
        return self._installation

    def renew(self) -> None:
        """Fetch an App's token if there is none or it is about to expire; raises TrackerError where that fails."""
        if self._installation is None:
            return
        try:
            _ = self._installation.token
        except (GithubException, PyJWTError, ValueError, TypeError, AssertionError) as error:
            raise _app_error(getattr(error, "status", None)) from None

    def _look_up(self, requester: Requester) -> int:
        """The App's only installation, or the one at an owner that `repositories` names."""
        self._count()
        try:
            _, found = requester.requestJsonAndCheck("GET", "/app/installations", parameters={"per_page": 100})
        except requests.RequestException:
            raise
        except (GithubException, PyJWTError, ValueError, TypeError, AssertionError) as error:
            raise _app_error(getattr(error, "status", None)) from None
        finally:
            requester.close()
        owners = {entry.lstrip("!").partition("/")[0].lower() for entry in self._settings.repositories}
        fitting = [i for i in found if _login(i).lower() in owners] if len(found) > 1 else found
        if len(fitting) == 1:
            return int(fitting[0]["id"])
        names = ", ".join(f"{i['id']} ({_login(i)})" for i in found) or "none"
        raise TrackerError(
            f"It is not clear which installation of the GitHub App is meant; there are: {names}",
            reason="auth",
            next_step="Install the App, or set installation_id.",
        )


def _login(installation: Mapping[str, Any]) -> str:
    return str((installation.get("account") or {}).get("login", ""))


def _app_error(status: int | None) -> TrackerError:
    if status is not None and status >= 500:
        return TrackerError(
            "GitHub gave the App no token", reason="server", status=status, next_step="Run again later."
        )
    return TrackerError(
        "GitHub does not accept the App's app_id, private_key or installation_id",
        reason="auth",
        method="POST",
        path="/app/installations/ID/access_tokens",
        status=status,
        next_step="Compare them with the App's settings page; the key is the whole .pem file.",
    )
