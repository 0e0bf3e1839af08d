"""What a configuration says of dashboards, digests and the noise budget, and what of it cannot work."""

from __future__ import annotations

import pytest

from tests.core.settings_text import GITHUB, complaints, read

PROGRAM = '[[programs]]\nname = "platform"\nmembers = ["github:acme/api"]\n'
STAKEHOLDERS = 'stakeholders = ["@zoe-gh"]\n'
DIGEST = '[digest]\nevery = "monday"\nto = ["stakeholders"]\n'
BUDGET = "[escalation]\nper_person_per_week = 5\n"
DASHBOARD = "[writeback]\ndashboard = true\n"


def test_there_is_no_dashboard_unless_it_is_wanted() -> None:
    assert read(GITHUB).writeback.dashboard is False
    assert read(GITHUB + PROGRAM + DASHBOARD).writeback.dashboard is True


def test_there_is_no_digest_unless_it_is_wanted() -> None:
    assert read(GITHUB).digest is None
    found = read(GITHUB + PROGRAM + STAKEHOLDERS + DIGEST + DASHBOARD).digest
    assert found is not None
    assert (found.every, found.to, found.via) == ("monday", ("stakeholders",), ())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            GITHUB + PROGRAM + STAKEHOLDERS + DIGEST,
            "6 digest: a digest needs dashboards: it is a comment on them; write dashboard = true into [writeback]",
        ),
        (
            GITHUB + BUDGET + DASHBOARD,
            "3 escalation.per_person_per_week: a noise budget needs a digest: what it holds back is told there; write "
            '[digest], such as every = "monday" and to = ["stakeholders"]',
        ),
        (
            GITHUB + PROGRAM + STAKEHOLDERS + DIGEST + DASHBOARD + BUDGET.replace("5", "0"),
            "12 escalation.per_person_per_week: must be at least 1; notices that mention somebody in a week at most; "
            "what exceeds it waits for the digest",
        ),
        (
            GITHUB + PROGRAM + DIGEST + DASHBOARD,
            "7 digest.to: this digest can never reach anybody: no program that it is for has stakeholders; name "
            "somebody else, or leave the digest out",
        ),
        (
            GITHUB + PROGRAM + STAKEHOLDERS + DIGEST.replace('"stakeholders"', '"zoe"') + DASHBOARD,
            '8 digest.to[0]: "zoe" is nobody in [people]; add [people.NAME], or write "@LOGIN", "owner", '
            '"owner.manager" or "stakeholders"',
        ),
        (
            GITHUB + PROGRAM + STAKEHOLDERS + DIGEST.replace("monday", "mondays") + DASHBOARD,
            '7 digest.every: "mondays" is not possible here; did you mean "monday"?',
        ),
        (
            GITHUB + PROGRAM + STAKEHOLDERS + DIGEST + 'via = ["mail"]\n' + DASHBOARD,
            '9 digest.via[0]: there is no channel "mail"; add [channels.mail], or leave it out',
        ),
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
