"""mdpc's connector to Jira: versions, epics or issues as milestones, on Cloud and Data Center."""

from mdpc_jira.connector import JiraConnector
from mdpc_jira.settings import JiraSettings

__all__ = ["JiraConnector", "JiraSettings"]
