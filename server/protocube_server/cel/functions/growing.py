"""Functions that expressions do not name: ``rewriting`` puts them where others stood.

The library declares maps that loops of two variables make, and does not run them; its
``lists.range`` makes lists of any length. ``@room`` is asked before calls that can be given much.
"""

from __future__ import annotations

from typing import Any, Final

from protocube_server.cel import spending
from protocube_server.cel.functions.declared import free

_MAP: Final = "map<dyn, dyn>"


def _range(count: int) -> list[int]:
    spending.spend_on(spending.ELEMENT * max(count, 0))
    return list(range(count))


def _insert(known: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    if key in known:
        raise ValueError(f"insert failed: key {key} already exists")
    return {**known, key: value}


def _insert_all(known: dict[Any, Any], more: dict[Any, Any]) -> dict[Any, Any]:
    for key, value in more.items():
        known = _insert(known, key, value)
    return known


def _room(size: int) -> bool:
    spending.spend_on(size)
    return True


FUNCTIONS: Final = (
    free("@range", ("int",), "list<int>", _range),
    free("@mapInsert", (_MAP, "dyn", "dyn"), _MAP, _insert),
    free("@mapInsert", (_MAP, _MAP), _MAP, _insert_all),
    free("@room", ("int",), "bool", _room, is_counted=False),
)
