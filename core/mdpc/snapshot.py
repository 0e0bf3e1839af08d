"""What the pure part of mdpc sees of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mdpc.coordination import IssueReading
from mdpc.model import Container, ContainerRef, Reading, Record, Skipped, Unread


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was read in one run: the only view of the world that the pure part has.

    `issues` are the coordination issues, as far as any were asked for.
    """

    readings: tuple[Reading, ...]
    issues: tuple[IssueReading, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record of every reading, in reading order."""
        return tuple(record for reading in self.readings for record in reading.records)

    @property
    def unread(self) -> tuple[Unread, ...]:
        """Every container that could not be read completely."""
        found = [*(each.unread for each in self.readings), *(each.unread for each in self.issues)]
        return tuple({unread.container: unread for several in found for unread in several}.values())

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Every container left out on purpose."""
        return tuple(skipped for reading in self.readings for skipped in reading.skipped)

    @property
    def renamed(self) -> Mapping[ContainerRef, ContainerRef]:
        """Containers as they are called now, by an address that they had before."""
        return {old: now for reading in self.readings for old, now in reading.renamed}

    @property
    def containers(self) -> Mapping[ContainerRef, Container]:
        """The containers read completely, by address."""
        return {container.ref: container for reading in self.readings for container in reading.containers}
