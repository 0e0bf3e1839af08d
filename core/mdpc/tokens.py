"""Words that stand for what is known only once a record was created: its id, its address, its fingerprint. Pure.

A plan is data and may be saved, so what a later write says of a record that an earlier write will create is spelled
with tokens. Apply replaces them. A token is letters and digits, or an address of them, so no escaping changes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from mdpc.changes import Change, Created
from mdpc.escape import web_address
from mdpc.fingerprint import fingerprint
from mdpc.messages import Message
from mdpc.model import ContainerRef, Ref

_TOKEN = re.compile(r"(?:https://)?mdpcnew(id|url|uid|print)(n[0-9a-f]{12})")


def seed(milestone: str, container: ContainerRef) -> str:
    """What the tokens of one record to be created share: one for each milestone (its id) and container."""
    return fingerprint("n", milestone, str(container))


def issue_seed(milestone: str, container: ContainerRef) -> str:
    """The same for the milestone's coordination issue there."""
    return fingerprint("n", milestone, str(container), "issue")


def token_id(seed: str) -> str:
    """Stands for the number or id that its ref will have."""
    return f"mdpcnewid{seed}"


def token_url(seed: str) -> str:
    """Stands for its address on the web; an address itself, so that a link is made of it."""
    return f"https://mdpcnewurl{seed}"


def token_uid(seed: str) -> str:
    """Stands for its immutable id."""
    return f"mdpcnewuid{seed}"


def token_print(seed: str) -> str:
    """Stands for its fingerprint in memory (`record_print`)."""
    return f"mdpcnewprint{seed}"


@lru_cache(maxsize=100_000)
def record_print(connector: str, uid: str) -> str:
    """A record's fingerprint: what memory knows it by, whatever it or its container is called."""
    return fingerprint("r", connector, uid)


def seeds_in(text: str) -> tuple[str, ...]:
    """The seeds of all tokens in a text, each once."""
    if "mdpcnew" not in text:  # nearly every text, and asked of every record many times in a run
        return ()
    return tuple(dict.fromkeys(found[2] for found in _TOKEN.finditer(text)))


def makes_issue(change: Change) -> bool:
    """Whether a change is part of making an issue; one to be changed afterwards has a write of its own."""
    return change.kind == "issue" and bool(seeds_in(change.ref.id)) and change.write == str(change.ref)


def without_tokens(text: str) -> str:
    """The text for people: `new` where a number or id is not known yet, `…` where an address is not."""
    return _TOKEN.sub(lambda found: "…" if found[1] == "url" else "new", text)


def told_apart(name: str) -> str:
    """The name of a write for people and programs: no token stands in it, and different ones stay different."""
    return _TOKEN.sub(r"new-\2", name)


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was created, and on which connector."""

    connector: str
    created: Created

    def word(self, kind: str) -> str:
        """What a token of a kind stands for."""
        if kind == "print":
            return record_print(self.connector, self.created.uid)
        return {"id": self.created.id, "url": web_address(self.created.url) or "", "uid": self.created.uid}[kind]


def plain(text: str, made: Mapping[str, Made]) -> str:
    """The text with every token replaced whose record is there; `made` by seed."""
    return _TOKEN.sub(lambda found: made[found[2]].word(found[1]) if found[2] in made else found[0], text)


def resolved(change: Change, made: Mapping[str, Made]) -> Change:
    """The change with every token replaced whose record is there; `made` by seed."""
    after = plain(change.after, made) if isinstance(change.after, str) and change.field in TOLD else change.after
    ref = Ref(change.ref.container, plain(change.ref.id, made))
    return replace(change, ref=ref, uid=plain(change.uid, made), after=after)


def filled_in(message: Message, made: Mapping[str, Made]) -> Message:
    """The message with the address of an issue that was made meanwhile."""
    facts = {name: plain(value, made) if isinstance(value, str) else value for name, value in message.facts.items()}
    return replace(message, text=plain(message.text, made), markdown=plain(message.markdown, made), facts=facts)


TOLD = ("status", "memory", "link", "body", "ledger", "comment")
"""Fields whose text is mdpc's own. People's text is never looked into: a title may hold anything."""


def without_issue(text: str, seeds: frozenset[str]) -> str:
    """mdpc's own text without what it says of a coordination issue (`mdpc.render`) that could not be made."""
    for each in seeds:
        for pattern in _OF_ISSUE:
            text = re.sub(pattern.replace("SEED", each), "", text)
    return text


_OF_ISSUE = (
    r"\n\nTalk about it in \[[^\]]*\]\(https://mdpcnewurlSEED\)",
    r"; talk about it at https://mdpcnewurlSEED",
    r'"issue":"[^"]*mdpcnewidSEED",',
    r',"issue":"[^"]*mdpcnewidSEED"',
)
