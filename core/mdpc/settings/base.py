"""What the tables of a configuration are made of: the kinds of values that several of them hold."""

from __future__ import annotations

import re
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SPAN = re.compile(r"(\d{1,5})d")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        close = get_close_matches(name, available_timezones(), n=1) or ["Europe/Berlin"]
        raise ValueError(f'"{name}" is not a time zone; write an IANA name such as "{close[0]}"') from error
    return name


def _known_span(text: str) -> str:
    if text != "all" and not _SPAN.fullmatch(text):
        raise ValueError(f'"{text}" is not a span of days; write a number of days such as "90d", or "all"')
    return text


def is_safe_address(url: str) -> bool:
    """Whether what is sent to an address cannot be read on its way: https, or this machine."""
    parts = urlsplit(url)
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (here and parts.scheme == "http"))


def _web_address(text: str) -> str:
    if text and not is_safe_address(text):
        raise ValueError('this is no address that can be called safely; write one that begins with "https://"')
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(
            f"{text!r} is not a regular expression ({error}); write it in single quotes, '...', and a backslash before "
            "each character that shall stand for itself"
        ) from error
    return text


def _title_pattern(text: str) -> str:
    groups = re.compile(text).groupindex
    if groups and "key" not in groups:
        raise ValueError(f'the group "{next(iter(groups))}" has no meaning; call it "key": (?P<key>...) is what joins')
    return text


def _calendar_day(value: object) -> object:
    if isinstance(value, int | float):  # pydantic would take it for seconds since 1970
        raise ValueError(f"{value} is not a date; write a day such as 2027-02-01, without quotes")  # noqa: TRY004
    return value


def whole_number(value: object) -> object:
    """A validator's part: raises ValueError for true and false."""
    if isinstance(value, bool):  # pydantic would take it for 0 or 1
        raise ValueError("this is not a number; write a whole number such as 25")  # noqa: TRY004
    return value


def _share(value: object) -> object:
    if isinstance(value, bool):  # pydantic would take it for 0 or 1
        raise ValueError("this is not a number; write a share such as 0.3")  # noqa: TRY004
    try:
        number = float(value) if isinstance(value, str | int | float) else 0
    except ValueError:
        return value
    if not 0 <= number <= 1:
        raise ValueError("a share is from 0 to 1, such as 0.3")
    return value


def span_of(text: str) -> tuple[date, date]:
    """The first and the last day of a span `DAY/DAY`, or of a single day; raises ValueError where it is none."""
    first, _, last = text.partition("/")
    begin = date.fromisoformat(first)
    return begin, date.fromisoformat(last) if last else begin


def _absence(text: str) -> str:
    try:
        begin, end = span_of(text)
    except ValueError:
        raise ValueError(f'"{text}" is no span of days; write "2026-12-21/2027-01-06", or one day') from None
    if end < begin:
        raise ValueError(f'"{text}" ends before it begins; write the earlier day first')
    return text


def is_address(text: str) -> bool:
    """Whether a text is a mail address, as far as mdpc needs to tell one from a name or a login."""
    return _ADDRESS.fullmatch(text) is not None


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f'"{text}" is no mail address; write one such as "alice@acme.example"')
    return text


Address = Annotated[str, AfterValidator(_address)]
Absence = Annotated[str, AfterValidator(_absence)]
Pattern = Annotated[str, AfterValidator(_pattern)]
TitlePattern = Annotated[Pattern, AfterValidator(_title_pattern)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Span = Annotated[str, AfterValidator(_known_span)]
Day = Annotated[date, BeforeValidator(_calendar_day)]
Count = Annotated[int, BeforeValidator(whole_number), Field(ge=0)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
AtLeastOne = Annotated[int, BeforeValidator(whole_number), Field(ge=1)]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]


class Table(BaseModel):
    """A table of the configuration: unknown keys are errors, values never appear in messages, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def days_of(span: str) -> timedelta | None:
    """A span of days such as `90d`; None for `all`."""
    days = _SPAN.fullmatch(span)
    return timedelta(days=int(days[1])) if days else None
