"""Coordination issues that are not in the home: what is said of one there, and of one that was not read. Pure.

A home is changed in the configuration, and the issue stays where it was made. What guards the milestone stands there,
so that no other is made before that one is certainly gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mdpc.changes import Withheld
from mdpc.hearing import Hearing
from mdpc.join import Joined, home_of
from mdpc.model import ContainerRef, Milestone, Ref, Unread
from mdpc.snapshot import Snapshot


def unheard(
    milestones: Sequence[Milestone], joined: Mapping[str, Joined], hearing: Hearing, snapshot: Snapshot
) -> dict[str, Ref]:
    """The issues that memory names and that were neither read nor are certainly gone, by the milestone's key."""
    read = {issue.ref for reading in snapshot.issues for issue in reading.issues}
    named = (
        (each.key, memory.issue)
        for each in milestones
        if each.issue is None and not each.history and (memory := joined[each.key].memory)
    )
    return {key: ref for key, ref in named if ref is not None and ref not in read and ref not in hearing.missing}


def unheard_reason(ref: Ref, key: str) -> str:
    """Why nothing is written for a milestone whose issue was not read, and what to do."""
    return (
        f"its coordination issue {ref} was not read, and what guards it stands there. Name {ref.container}, or what it "
        "is called now, as the program's `home` again, or give the token its right back. To give up what was approved "
        f"there, run `mdpc forget --only '{key}'` and then `mdpc sync`"
    )


def unheard_containers(found: Mapping[str, Ref], unread: Sequence[Unread]) -> Iterator[Unread]:
    """The containers of those issues, as far as nothing else says that they were not read."""
    known = {entry.container.casefold() for entry in unread}
    for key, ref in found.items():
        if str(ref.container).casefold() not in known:
            known.add(str(ref.container).casefold())
            yield Unread(str(ref.container), unheard_reason(ref, key))


def elsewhere(milestone: Milestone, joined: Joined, home: ContainerRef) -> Withheld | None:
    """That an issue stays where the home was before; None where it is at home, or a record of the milestone itself."""
    if milestone.issue is None or milestone.closed or home_of(joined.program) is None:
        return None
    ref = milestone.issue[0]
    if ref.container == home or any(record.ref == ref for record in milestone.records):
        return None
    why = (
        f"{ref} is its issue, from when the home was there, and counts with all that was said on it. Nothing has to be "
        f"done; to have one in {home} instead, delete {ref}: what was approved there has to be approved again then"
    )
    return Withheld(f"a coordination issue of {milestone.key} in its home", why)
