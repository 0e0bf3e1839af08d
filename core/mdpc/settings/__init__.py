"""The configuration: its tables as plain values here, reading and checking them in the modules beside.

`mdpc.settings.file` reads; the values are pure.
"""

from mdpc.settings.tables import (
    Limits,
    Member,
    Override,
    Owners,
    Pattern,
    Person,
    Program,
    RuleValue,
    Settings,
    Sync,
    SyncFields,
    Table,
    Waiver,
    Writeback,
)

__all__ = [
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
