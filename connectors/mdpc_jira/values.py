"""Jira's values as mdpc's: days, moments, accounts, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mdpc.model import Account


def day(value: str | None) -> date | None:
    """The day of a plain date (`yyyy-mm-dd`, no zone), or of a moment as its clock shows it; None for nothing."""
    return date.fromisoformat(value[:10]) if value else None


def moment(value: str | None) -> datetime | None:
    """A moment such as `2026-01-10T12:34:56.000+0000`; None for nothing."""
    return datetime.fromisoformat(value) if value else None


def account(connector: str, raw: str | Mapping[str, Any] | None) -> Account | None:
    """An account: an accountId on Cloud, else a username. Cloud gives a version's driver as its bare accountId.

    Cloud tells which accounts are programs'.
    """
    if not raw:
        return None
    if isinstance(raw, str):
        return Account(connector, raw)
    login = raw.get("accountId") or raw.get("name")
    if not login:
        return None
    return Account(connector, str(login), str(raw.get("displayName") or ""), bot=raw.get("accountType") == "app")


def is_done(status: Mapping[str, Any]) -> bool:
    """Whether a status counts as done: the one category that every workflow shares."""
    return bool(status.get("statusCategory", {}).get("key") == "done")
