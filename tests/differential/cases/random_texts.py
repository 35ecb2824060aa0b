"""YAML drawn by seeds: keys given twice, tags, aliases, merges, and what JSON does not have.

kubectl walks through Go's maps, in an order that differs from run to run. So a text has keys
that are refused in one map at most, and no two keys that are one in JSON and two in YAML. It
decodes what is merged last to first, and looks names up as they are at the end of the text: what
is merged has no faults of its own, and no names that are given twice.
"""

from __future__ import annotations

import random

from tests.differential.case import Case, config_map

_SEEDS = 12
_TEXTS = 60
"""Files of one command: starting kubectl takes longer than reading them."""
_DEEPEST = 3

_FIELDS = ("more", "also", "data", "last")
_KEYS = (
    "a",
    "b",
    "c",
    "a",
    "1",
    "0x1",
    "2",
    "yes",
    "true",
    "no",
    "1.5",
    "-3",
    "'q'",
    '"w"',
    ".inf",
)
_FAULTY_KEYS = ("~", "null", "18446744073709551615", "0xffffffffffffffff", "!!null ''")
_SCALARS = (
    "x", "y", "text", "a b", "'quoted'", '"double \\u00e9"', "1", "-7", "0x1F", "0b11", "017",
    "0o17", "1_000", "1.5", "1e3", "1e6", "123456789.0", "1e21", "1e-7", "-0.0", ".5", "3.",
    "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "~", "null", "true", "No", "on", "2001-01-02", "12:30", "<<", "=",
    "!!str 12", "!!int '7'",
    "!!float 3", "!!float '2.5'", "!!null ''", "!!bool yes", "!!binary aGVsbG8=", "!own x", "''",
)  # fmt: skip
_NOT_JSON = (".inf", "-.INF", ".nan", "+.Inf", ".NaN")
_NOT_YAML = ("!!int x", "!!float y", "!!binary '!'", "!!bool 3", "*gone", "!!int 1.5")


class _Text:
    """One text in the making."""

    def __init__(self, seed: str) -> None:
        # The same texts in every run: what differs has a name.
        self._random = random.Random(seed)
        self._anchors: list[str] = []
        self._may_fault = self._chance(0.3)
        self._merging = 0

    def made(self) -> str:
        """Return the fields of an object."""
        self._merging += 1
        base = f"base: &base {self._map(1)}\n"
        self._merging -= 1
        count = self._random.randint(1, 4)
        return base + "".join(
            f"{self._random.choice(_FIELDS)}: {self._value(0)}\n" for _ in range(count)
        )

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _value(self, depth: int) -> str:
        if self._anchors and not self._merging and self._chance(0.12):
            return f"*{self._random.choice(self._anchors)} "
        name = ""
        if not self._merging and self._chance(0.12):
            # A name may be given again, also by what is inside of the first to have it.
            name = f"n{self._random.randint(0, 4)}"
        if depth < _DEEPEST and self._chance(0.65 - 0.15 * depth):
            value = self._map(depth) if self._chance(0.75) else self._list(depth)
        else:
            value = self._scalar()
        if not name or value.startswith("*"):
            return value
        self._anchors.append(name)
        return f"&{name} {value}"

    def _scalar(self) -> str:
        if self._chance(0.06):
            return self._random.choice(_NOT_JSON)
        if not self._merging and self._chance(0.02):
            return self._random.choice(_NOT_YAML)
        return self._random.choice(_SCALARS)

    def _list(self, depth: int) -> str:
        items = [self._value(depth + 1) for _ in range(self._random.randint(0, 3))]
        return f"[{', '.join(items)}]"

    def _map(self, depth: int) -> str:
        faulty = ""
        if self._may_fault and self._chance(0.25):
            self._may_fault = False
            faulty = self._random.choice(_FAULTY_KEYS)
        entries = []
        for _ in range(self._random.randint(0, 4)):
            if faulty and self._chance(0.5):
                entries.append(f"{faulty}: {self._value(depth + 1)}")
            elif self._chance(0.08):
                entries.append(f"<<: {self._merged(depth)}")
            else:
                entries.append(f"{self._random.choice(_KEYS)}: {self._value(depth + 1)}")
        if not self._merging and self._chance(0.01):
            entries.append(f"? {self._map(_DEEPEST)} : 1")
        return f"{{{', '.join(entries)}}}"

    def _merged(self, depth: int) -> str:
        if self._chance(0.3):
            return "*base "
        self._merging += 1
        maps = [self._map(depth + 1) for _ in range(self._random.randint(1, 2))]
        self._merging -= 1
        return maps[0] if len(maps) == 1 else f"[{', '.join(maps)}]"


CASES = tuple(
    Case(
        name=f"random texts/{seed}",
        args=("create", "--dry-run=client", "-o", "json", "-f", "d"),
        files={
            f"d/{number:02}.yaml": config_map("x").replace("data: {k: v}\n", "")
            + _Text(f"{seed}/{number}").made()
            for number in range(_TEXTS)
        },
    )
    for seed in range(_SEEDS)
)
