"""Who an account is: one person over all trackers, whatever case a tracker gives their login in."""

from __future__ import annotations

import pytest

from mdpc.model import Account, Owner
from mdpc.people import identity_of, identity_of_owner, login_of, person_of
from tests.core.settings_text import GITHUB, read

SITE = '[connectors.jira]\nurl = "https://jira.acme.example"\n'
PEOPLE = """
[people.alice]
github = "Alice-GH"
jira = "ASmith"
[people.bob]
jira = "5b10a2844c20165700ede21g"
"""
ACME = read(GITHUB + SITE + PEOPLE)


@pytest.mark.parametrize(
    ("connector", "login", "name"),
    [
        ("github", "alice-gh", "alice"),
        ("github", "ALICE-GH", "alice"),
        ("jira", "ASmith", "alice"),
        ("jira", "asmith", "alice"),
        ("jira", "ASMITH", "alice"),
        ("jira", "5b10a2844c20165700ede21g", "bob"),
        ("jira", "a\u017fmith", None),
        ("jira", "alice-gh", None),
        ("github", "asmith", None),
    ],
)
def test_the_case_of_a_login_makes_nobody_another(connector: str, login: str, name: str | None) -> None:
    assert person_of(Account(connector, login), ACME) == name


@pytest.mark.parametrize("connector", ["github", "jira"])
def test_a_login_of_nobody_in_people_is_one_account_in_any_case(connector: str) -> None:
    one, other = Account(connector, "Zoe"), Account(connector, "zoe")
    assert identity_of(one, ACME) == identity_of(other, ACME) == f"account:{connector}:zoe"
    assert identity_of_owner(Owner("Zoe", "driver", False, None, one), ACME) == identity_of(other, ACME)


def test_a_login_is_written_as_the_configuration_has_it() -> None:
    assert login_of("alice", "jira", ACME) == "ASmith"
    assert login_of("bob", "github", ACME) is None
