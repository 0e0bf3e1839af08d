"""mdpc's connector to GitHub: milestones of repositories, on github.com and GitHub Enterprise Server."""

from mdpc_github.connector import GitHubConnector
from mdpc_github.settings import GitHubSettings

__all__ = ["GitHubConnector", "GitHubSettings"]
