"""What a plan says to somebody who has no configuration: it advises nothing that only a file can say. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from mdpc.changes import Plan

_IN_THE_FILE = re.compile(r",? or [^,.`]*\[\[?[a-z]+(?:\.[a-z]+)?\]\]?[^.]*")
_READ_ONLY = 'access = "read"'


def without_file(plan: Plan) -> Plan:
    """The plan without advice that names a table of the configuration; that nothing is written has another reason."""
    findings = tuple(replace(each, remedy=_IN_THE_FILE.sub("", each.remedy)) for each in plan.findings)
    why = "without a configuration mdpc only reads"
    withheld = tuple(replace(each, why=why) if _READ_ONLY in each.why else each for each in plan.withheld)
    return replace(plan, findings=findings, withheld=withheld)
