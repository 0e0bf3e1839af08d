"""The heartbeat: one GET to an address whose owner raises an alarm when none has come for too long.

Healthchecks.io, Cronitor, Uptime Kuma, Better Stack and the like take a GET, and any answer from 200 to 299 as taken.
"""

from __future__ import annotations

import requests

from mdpc import __version__
from mdpc.settings.base import is_safe_address
from mdpc_channels.common import said

SECONDS = 10.0


def beat(url: str) -> str:
    """Call an address once; why that failed, without the address (who knows it can call it), empty where it did not."""
    if not is_safe_address(url):
        return 'its address cannot be called safely; write one that begins with "https://"'
    headers = {"User-Agent": f"mdpc/{__version__}"}
    try:
        answer = requests.get(url, timeout=SECONDS, allow_redirects=False, headers=headers)
    except requests.RequestException as error:
        return f"it cannot be reached ({type(error).__name__})"
    if answer.ok and answer.status_code < 300:
        return ""
    return f"the answer was {answer.status_code} {said(answer.reason)}"
