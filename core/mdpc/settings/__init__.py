"""The configuration: its tables as plain values here, reading and checking them in the modules beside.

`mdpc.settings.file` reads; the values are pure.
"""

from mdpc.settings.base import Pattern, Table
from mdpc.settings.gates import Gate
from mdpc.settings.tables import (
    Limits,
    Member,
    Override,
    Owners,
    Person,
    Program,
    RuleValue,
    Settings,
    Sync,
    SyncFields,
    Waiver,
    Writeback,
)

__all__ = [
    "Gate",
    "Limits",
    "Member",
    "Override",
    "Owners",
    "Pattern",
    "Person",
    "Program",
    "RuleValue",
    "Settings",
    "Sync",
    "SyncFields",
    "Table",
    "Waiver",
    "Writeback",
]
