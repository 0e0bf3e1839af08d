"""What to do after a run, in a sentence. Pure."""

from __future__ import annotations

import re

from mdpc.changes import Plan
from mdpc.exits import kept
from mdpc.messages import SENT
from mdpc.report.summary import DONE, is_applied, nothing_is_left

_REPAIR = "Repair what could not be read, then run it again; `mdpc doctor` looks at tokens and rights."
_GO_ON = "Run the command again, or wait for the next run: it does what is left."
_RIGHTS = re.compile(r": 40[134]\)|\bWriting to \w+ needs ")
"""In the words of connectors: a status that means a missing right, or the right by name (Jira answers 400)."""


def next_step(plan: Plan, *, configured: bool = True) -> str:
    """What to do now; `configured` says that there is a configuration, which some advice needs."""
    if plan.absent or plan.refused:
        return _missing_or_refused(plan)
    if is_applied(plan):
        return _after(plan)
    unread = _is_to_be_repaired(plan)
    if (plan.changes or plan.messages) and plan.command == "plan":
        which = "this change" if len(plan.changes) == 1 else "these changes"
        verb = f"writes {which}" if plan.changes else "sends what channels still owe"
        told = f"`mdpc sync` {verb}; this run wrote nothing."
        return f"Repair what could not be read (`mdpc doctor` looks at tokens and rights). {told}" if unread else told
    if plan.changes and plan.command == "forget":
        return "Descriptions are then byte for byte what people wrote."
    if unread:
        return _REPAIR if configured else "Repair what could not be read, then run it again."
    return _GO_ON if plan.stats.stopped else _otherwise(plan, configured=configured)


def _is_to_be_repaired(plan: Plan) -> bool:
    """Whether anything could not be read but for a limit of the run, which asks nobody to do anything."""
    return any(not (entry.optional or entry.left) for entry in plan.unread)


def _missing_or_refused(plan: Plan) -> str:
    """What to do where a shard is missing, or `[limits]` refused something."""
    if plan.absent:
        return "Look why shards are missing; the next run of all of them does what is left."
    adopting = sum(refusal.count for refusal in plan.refused if refusal.limit == "adopt")
    command = f"`mdpc sync --adopt {adopting}`" if adopting else "`mdpc sync`, once [limits] allows it,"
    return f"Look at the list; if these are the right records, {command} writes to them."


def _after(plan: Plan) -> str:
    """What is left to do once changes were applied."""
    left = [change for change in plan.changes if change.outcome not in DONE]
    if any(_RIGHTS.search(change.answer) for change in left):
        return "`mdpc doctor` says which rights are missing; with them, run the command again. What is done stays done."
    if left and all(change.outcome == "stale" for change in left):
        return "`mdpc plan` shows what is to be done for what was changed meanwhile; `mdpc sync` does it."
    if plan.shard and not left and any(message.outcome is None for message in plan.messages):
        return _WAITING
    if rest := _rest(plan, bool(left)):
        return f"Run the command again for {rest}; what is done stays done."
    if _is_to_be_repaired(plan):
        return _REPAIR
    return _WRITABLE if kept(plan) else _at_rest(plan)


def _rest(plan: Plan, unwritten: bool) -> str:
    """What the next run is to do; empty where nothing is left."""
    if any(message.outcome not in (*SENT, *([None] if plan.shard else ())) for message in plan.messages):
        return "what was not written or sent" if unwritten else "what was not sent"
    return "what was not written" if unwritten else ""


def _at_rest(plan: Plan) -> str:
    """What is left once all changes were applied, which need not be all that there was to write."""
    if plan.stats.truncated:
        return _GO_ON if plan.stats.stopped else _AGAIN
    if plan.command == "forget":
        return "nothing; all is taken out."
    return _WITHHELD if plan.withheld else "nothing; all is written."


_WAITING = "`mdpc send FILE...` sends the messages of all shards, once the last of them has ended."
_AGAIN = "Run the command again, or wait for the next run: [limits] held something back."
_WITHHELD = "nothing; all is written but what is withheld."
_WRITABLE = 'Run it again with access = "write" where mdpc may not write now.'


def _otherwise(plan: Plan, *, configured: bool) -> str:
    """What is left to do where nothing is to be written and all was read."""
    if kept(plan):
        return _WRITABLE
    if nothing_is_left(plan):
        return "Correct what the configuration names, or the token's rights; `mdpc doctor` shows what is selected."
    if plan.findings and configured:
        return "`mdpc explain TITLE` (or a ref, or a rule) says why a rule applies and what else is known."
    if plan.findings:
        return "`mdpc explain RULE` says what a rule asks for; a configuration, `mdpc.toml`, sets rules and owners."
    if plan.withheld:
        return "nothing to do but for what is withheld."
    done = bool(plan.milestones) or plan.stats.idle
    return "nothing to do." if done else "Look at what the configuration names, or ask `mdpc doctor`."
