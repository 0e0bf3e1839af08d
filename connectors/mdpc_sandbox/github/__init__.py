"""The sandbox's GitHub: what it holds (`state`), whom it lets in (`tokens`), REST and GraphQL."""

from mdpc_sandbox.github.app import github_app
from mdpc_sandbox.github.state import GitHubState

__all__ = ["GitHubState", "github_app"]
