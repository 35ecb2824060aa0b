"""What differs from one run of a command to the next, and means nothing, gets placeholders."""

from __future__ import annotations

import re

_RULES = [
    (re.compile(pattern, re.MULTILINE), placeholder)
    for pattern, placeholder in (
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<TIME>"),
        (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<TIME>"),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4}( UTC)?", "<TIME>"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<UID>"),
        (r'(resourceVersion\\?"?: ?\\?")\d+', r"\1<RV>"),
        (r"(Resource Version: +)\d+", r"\1<RV>"),
        (r"(resource version to be \S+, was )\d+", r"\1<RV>"),
        (r"\S*/(LIVE|MERGED)-\d+/", r"<TMP>/\1-<N>/"),
        (r'[^\s"]*/[kc]ubectl-edit-\d+', "<TMP>/kubectl-edit-<N>"),
        (r"\b127\.0\.0\.1:\d{2,}", "<SERVER>"),
        (r"^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ ", r"\1<KLOG> "),
        (r"^(\s*Age:\s+)\S+", r"\1<A>"),
        # Both programs are one in texts.
        ("cubectl", "kubectl"),
    )
]
_HEADING = re.compile(r"(?:^|  )AGE(?=  |$)")
_AGE = re.compile(r"(?:\d+[smhdy])+( +|$)")
_PLACEHOLDER = "<A>"


def normalised(text: str) -> str:
    """Return ``text`` with placeholders, each line of it ended."""
    for rule, placeholder in _RULES:
        text = rule.sub(placeholder, text)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in _without_ages(lines))


def _without_ages(lines: list[str]) -> list[str]:
    """Return the lines with a placeholder below each heading ``AGE``, the columns kept."""
    column: int | None = None
    found = []
    for line in lines:
        heading = _HEADING.search(line)
        if heading and line == line.upper():
            column = heading.end() - 3
        elif not line:
            column = None
        elif column is not None and (age := _AGE.match(line, column)):
            width = len(age[0]) if age[1] else 0
            found.append(f"{line[:column]}{_PLACEHOLDER.ljust(width)}{line[age.end() :]}")
            continue
        found.append(line)
    return found
