from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from mdpc.connector import ConnectorSettings
from mdpc_jira import JiraConnector, JiraSettings
from tests.jira.helpers import CLOUD, TOKEN, cloud_settings, server_settings


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "acme.atlassian.net"}, "whole address"),
        ({"url": "https://bot:pw@acme.atlassian.net"}, "come from the environment"),
        ({"url": "https://acme.atlassian.net/rest/api/2"}, "without a page"),
        ({"api_url": "api.atlassian.com/ex/jira/1"}, "whole address"),
        ({"projects": ["API?x=1"]}, "not a project key"),
        ({"projects": ["API/../WEB"]}, "not a project key"),
        ({"due_field": "Target end"}, "customfield_10015"),
        ({"milestones": "issues"}, "needs jql"),
        ({"jql": "issuetype = Milestone"}, 'jql is for milestones = "issues"'),
        ({"milestones": "issues", "jql": "a = b) OR (c = d"}, "parentheses"),
        ({"milestones": "issues", "jql": 'a = "b'}, "quotation mark"),
        ({"milestones": "issues", "jql": "a = b ORDER BY key"}, "ORDER BY"),
        ({"colour": "red"}, "Extra inputs"),
        ({"issue": {"fields": {"Labels": ["x"]}}}, "mdpc sets Labels itself; leave it out"),
        ({"issue": {"fields": "priority"}}, "valid dictionary"),
        ({"issue": {"type": ""}}, "at least 1 character"),
    ],
)
def test_wrong_settings_say_what_to_write(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        cloud_settings(**changed)
    assert said in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_how_a_coordination_issue_is_made() -> None:
    assert (cloud_settings().issue.type, cloud_settings().issue.fields) == ("Task", {})
    given: dict[str, Any] = {
        "type": "Bug",
        "fields": {"priority": "High", "customfield_1": date(2026, 12, 1), "x": [{"id": "1"}]},
    }
    assert dict(cloud_settings(issue=given).issue.fields) == given["fields"] | {"customfield_1": "2026-12-01"}


def test_a_quoted_order_by_is_only_text() -> None:
    assert cloud_settings(milestones="issues", jql='summary ~ "order by (x"').jql


@pytest.mark.parametrize(
    ("changed", "deployment"),
    [
        ({}, "cloud"),
        ({"url": "https://jira.acme.example"}, "cloud"),
        ({"url": "https://jira.acme.example", "user": None}, None),
        ({"url": "https://jira.acme.example", "token": None}, None),
        ({"url": "https://jira.acme.example", "user": None, "api_url": "https://api.atlassian.com/ex/jira/1"}, "cloud"),
        ({"token": None}, "cloud"),
        ({"deployment": "data-center"}, "data-center"),
    ],
)
def test_deployment_as_far_as_the_configuration_tells(changed: dict[str, Any], deployment: str | None) -> None:
    assert cloud_settings(**changed).known_deployment() == deployment


def test_nothing_shows_the_token() -> None:
    settings = server_settings()
    connector = JiraConnector("jira", settings)
    assert TOKEN not in repr((settings, connector, vars(connector), connector._client._borrowed))


def test_another_connectors_settings_are_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="JiraSettings"):
        JiraConnector("jira", ConnectorSettings(type="jira"))


def test_the_smallest_table() -> None:
    settings = JiraSettings.model_validate({"type": "jira", "url": CLOUD + "/"})
    assert (settings.url, settings.api, settings.milestones) == (CLOUD, CLOUD, "versions")
