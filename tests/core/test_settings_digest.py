"""What a configuration says of dashboards, digests and the noise budget, and what of it cannot work."""

from __future__ import annotations

import pytest

from tests.core.settings_text import GITHUB, complaints, read

PROGRAM = '[[programs]]\nname = "platform"\nmembers = ["github:acme/api"]\n'
DASHBOARD = "[writeback]\ndashboard = true\n"


def test_there_is_no_dashboard_unless_it_is_wanted() -> None:
    assert read(GITHUB).writeback.dashboard is False
    assert read(GITHUB + PROGRAM + DASHBOARD).writeback.dashboard is True


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            GITHUB + PROGRAM.replace("acme/api", "acme/*") + DASHBOARD,
            "2 programs[0]: its dashboard has no place: all of its members are globs; name a `home`, such as "
            'home = "github:acme/api"',
        ),
        (
            GITHUB + 'access = "read"\n' + PROGRAM + DASHBOARD,
            '3 programs[0]: its dashboard cannot be written: "github" has access = "read"; name a `home` elsewhere, or '
            "say dashboard = false",
        ),
    ],
)
def test_what_cannot_work_is_said(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]
