"""Which of the repositories that were found are another shard's: left out before their milestones are read."""

from __future__ import annotations

from typing import Protocol

from mdpc.connector import TrackerError
from mdpc.sharding import Share, Whose
from mdpc_github.selection import Repository
from mdpc_github.source import Listed, Source, Want

_CERTAIN = ("missing", "forbidden")
"""Errors that say that nothing the token may see is called so."""


class Found(Protocol):
    """What was found so far (`mdpc_github.reading.Catalogue`)."""

    chosen: dict[str, Listed]
    asked: dict[str, frozenset[str]]
    listed: set[str]

    def lose(self, name: str, why: TrackerError | str) -> None:
        """Note a repository that could not be read."""

    def pass_on(self, repository: Repository) -> None:
        """Leave a repository to another shard."""

    def former_names(self, repository: Repository) -> list[str]:
        """Names that a repository was asked for by, and has no longer."""


def divide(source: Source, share: Share, found: Found) -> None:
    """Keep what is this shard's. Raises TrackerError where the token is refused."""
    doubt = _by_former_names(source, share, found)
    for repository in [listed.repository for listed in found.chosen.values()]:
        former = found.former_names(repository)
        if doubt is not None and share.may_be_ours(repository.name, former):
            found.pass_on(repository)
            for name in (repository.name, *former):
                found.lose(name, f"Whether it is another shard's under a former name is not known. {doubt}")
            continue
        whose = share.whose(repository.name, former)
        if whose is not Whose.OURS:
            found.pass_on(repository)
        if whose is Whose.DISPUTED:
            for name in former:
                found.lose(name, _disputed(repository.name))


def _disputed(now: str) -> str:
    return f"Renamed to {now}, which a program of another shard names as well: name {now} in one program alone."


def _by_former_names(source: Source, share: Share, found: Found) -> TrackerError | None:
    """Note what repositories were called that other shards' programs name by a former name; why that is not known.

    It matters only where there is a repository that no program names as it is called now, and is asked of those alone
    that no listing has.
    """
    doubtful = [each.repository for each in found.chosen.values()]
    if not any(share.may_be_ours(each.name, found.former_names(each)) for each in doubtful):
        return None
    known = found.listed | {name.lower() for names in found.asked.values() for name in names}
    unknown = [name for name in share.elsewhere if name not in known]
    answers = source.look(unknown, Want(milestones=False)) if unknown else {}
    doubt = None
    for name, answer in answers.items():
        if isinstance(answer, Listed):
            uid = answer.repository.uid
            found.asked[uid] = found.asked.get(uid, frozenset({answer.repository.name})) | {name}
        elif answer.reason not in _CERTAIN:
            doubt = answer
    return doubt
