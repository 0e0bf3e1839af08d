"""`[writeback] heartbeat_url`: called after a run that did everything, so that somebody hears when none does."""

from __future__ import annotations

from mdpc.changes import Plan
from mdpc.commands.errors import say
from mdpc.connector import stumbled
from mdpc.exits import FINDINGS, FINE
from mdpc.installed import heartbeat
from mdpc.settings import Settings


def beat(plan: Plan, settings: Settings, status: int) -> None:
    """Call it after a complete sync of everything, or the last job of one. That it failed is told, and no more."""
    url = settings.writeback.heartbeat_url
    if not url or plan.only or plan.shard or not plan.stats.containers or status not in (FINE, FINDINGS):
        return
    if why := _called(url):
        say(f"[writeback] heartbeat_url was called in vain: {why}")


def _called(url: str) -> str:
    """Why it was called in vain; whatever it stumbles over says nothing against the run."""
    try:
        return heartbeat()(url)
    except Exception as error:
        return stumbled(error, "heartbeat")
