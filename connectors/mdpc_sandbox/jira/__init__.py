"""A Jira on localhost: Cloud, or Data Center as in 9.12 and 10.3, as far as mdpc talks to it.

`JiraState.from_seed` makes what it holds, `jira_app` serves it below a path of the frame's choice. What it speaks is
version 2 of Jira's REST interface; anything else is answered as Jira answers what it does not know.
"""

from __future__ import annotations

from mdpc_sandbox.jira.app import jira_app
from mdpc_sandbox.jira.state import JiraState

__all__ = ["JiraState", "jira_app"]
