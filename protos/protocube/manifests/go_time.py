"""RFC 3339 times as Go's ``time.Parse`` takes them, and its words for those it refuses."""

from __future__ import annotations

import calendar
import re

_PARTS = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d{2}"),
    ("-", "-"),
    ("02", r"\d{2}"),
    ("T", "T"),
    ("15", r"\d{1,2}"),
    (":", ":"),
    ("04", r"\d{2}"),
    (":", ":"),
    ("05", r"\d{2}([.,]\d+)?"),
    ("Z07:00", r"Z|[-+]\d{2}:\d{2}"),
)
_MICRO_PARTS = (
    *_PARTS[:-2],
    ("05", r"\d{2}"),
    (".000000", r"[.,]\d{6}"),
    _PARTS[-1],
)
_UNPRINTABLE = re.compile("[^ -\x7f]")
_MOST = {"01": ("month", 1, 12), "15": ("hour", 0, 23), "04": ("minute", 0, 59)}


def fault(text: str, *, is_micro: bool = False) -> str | None:
    """Return what is wrong with a time, ``None`` for a good one.

    One that ``is_micro`` has six digits behind its seconds; others have as many as they like.
    """
    start = f"parsing time {_quote(text)}"
    rest = text
    found: dict[str, str] = {}
    parts = _MICRO_PARTS if is_micro else _PARTS
    for name, pattern in parts:
        match = re.match(pattern, rest, re.ASCII)
        if match is None:
            layout = _quote("".join(each for each, _ in parts))
            return f"{start} as {layout}: cannot parse {_quote(rest)} as {_quote(name)}"
        found[name] = match[0]
        rest = rest[match.end() :]
        range_fault = _out_of_range(name, match[0])
        if range_fault:
            return f"{start}: {range_fault} out of range"
    if rest:
        return f"{start}: extra text: {_quote(rest)}"
    year, month, day = int(found["2006"]), int(found["01"]), int(found["02"])
    if not 1 <= day <= (calendar.monthrange(year, month)[1] if year else 31):
        return f"{start}: day out of range"
    # Protobuf's Timestamp begins with the year 1.
    return f"{start}: year out of range" if year == 0 else None


def _quote(text: str) -> str:
    """Quote as ``time.quote`` does: by bytes, unlike ``%q``."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace")
    shown = _UNPRINTABLE.sub(lambda byte: f"\\x{ord(byte[0]):02x}", escaped.decode("latin-1"))
    return f'"{shown}"'


def _out_of_range(name: str, text: str) -> str:
    if name in _MOST:
        what, least, most = _MOST[name]
        return what if not least <= int(text) <= most else ""
    if name == "Z07:00" and text != "Z":
        # Go's own bounds; no place on Earth comes near them.
        hours, minutes = int(text[1:3]) > 24, int(text[4:]) > 60  # noqa: PLR2004  # as a clock has
        return f"time zone offset {'hour' if hours else 'minute'}" if hours or minutes else ""
    if name == "05":
        return "second" if int(text[:2]) > 59 else ""  # noqa: PLR2004  # as above
    return ""
