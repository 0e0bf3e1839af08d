"""Who an account is: one person over all trackers, by the logins of `[people]`. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mdpc.model import Account, Owner
from mdpc.settings import Person, Settings

PERSON = "person"
ACCOUNT = "account"
NAME = "name"
MAIL = "mail"


def person_of(account: Account, settings: Settings) -> str | None:
    """The name in `[people]` of whom an account is; None where it is nobody's there."""
    for name, person in settings.people.items():
        if any(same_login(account, login, settings) for login in _logins(person, account.connector, settings)):
            return name
    return None


def login_of(name: str, connector: str, settings: Settings) -> str | None:
    """A person's login on a connector, as `[people]` has it; None where there is none."""
    person = settings.people.get(name)
    return next(_logins(person, connector, settings), None) if person else None


def same_login(account: Account, login: str, settings: Settings) -> bool:
    """Whether a login of the configuration is that account's.

    Only where the tracker itself takes no notice of it, case does not count, and only of ASCII letters: to a tracker
    letters that merely look or fold alike are others.
    """
    if account.login == login:
        return True
    table = settings.connectors.get(account.connector)
    caseless = table is not None and not table.logins_have_case
    plain = account.login.isascii() and login.isascii()
    return caseless and plain and account.login.lower() == login.lower()


def identity_of(account: Account, settings: Settings) -> str:
    """What tells one voter from another: the person, whatever they write as, else the account."""
    name = person_of(account, settings)
    if name is not None:
        return f"{PERSON}:{name}"
    table = settings.connectors.get(account.connector)
    caseless = table is not None and not table.logins_have_case and account.login.isascii()
    return f"{ACCOUNT}:{account.connector}:{account.login.lower() if caseless else account.login}"


def identity_of_owner(owner: Owner, settings: Settings) -> str:
    """The same of an owner; one who is only a name has no account that could be compared."""
    if owner.known:
        return f"{PERSON}:{owner.name}"
    return identity_of(owner.account, settings) if owner.account else f"{NAME}:{owner.name.casefold()}"


def called(identity: str) -> str:
    """What people call somebody: the person's name, or the login with an @."""
    kind, _, rest = identity.partition(":")
    return f"@{rest.partition(':')[2]}" if kind == ACCOUNT else rest


def is_gone(identity: str, settings: Settings) -> bool:
    """Whether somebody is marked `gone`."""
    kind, _, name = identity.partition(":")
    person = settings.people.get(name) if kind == PERSON else None
    return person is not None and person.gone


def _logins(person: Person, connector: str, settings: Settings) -> Iterator[str]:
    """The person's logins on a connector, by its name or its type."""
    configured = settings.connectors.get(connector)
    for key in dict.fromkeys((connector, configured.type if configured else connector)):
        if key in person.logins:
            yield person.logins[key]
