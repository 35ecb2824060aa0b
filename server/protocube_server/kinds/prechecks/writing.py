"""Names and functions of the Python that rules become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.prechecks import judging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SHARED: Final = {
    "KEPT": (True, ""),
    "NotSureError": judging.NotSureError,
    "unsure": judging.unsure,
    "matches": judging.matches,
    "trim": judging.trim,
    "is_ip": judging.is_ip,
    "of_map": judging.of_map,
    "of_list": judging.of_list,
}


class Names:
    """What the functions of one set of types have in common."""

    def __init__(self, passes: Callable[[Any], bool]) -> None:
        """``passes`` is asked about messages of which it cannot be seen."""
        self._globals: dict[str, Any] = {
            "__builtins__": _BUILTINS,
            **_SHARED,
            "passes": passes,
        }
        self._functions: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def constant(self, value: Any) -> str:
        """Return a name for a value."""
        name = f"constant_{len(self._globals)}"
        self._globals[name] = value
        return name

    def function(self, key: str, condition: str) -> str:
        """Return the name of a function of ``this``, made once for each key."""
        name = self._functions.get(key)
        if name is None:
            name = self._functions[key] = f"holds_{len(self._functions)}"
            self.define(f"def {name}(this):", (f"return {condition}",))
        return name

    def known(self, holds: str) -> str:
        """Return the name of a function that remembers the texts of another one.

        They are ``NAME_texts``.
        """
        name = self._known.get(holds)
        if name is None:
            name = self._known[holds] = f"known_{len(self._known)}"
            known = self._globals[name] = judging.Known(self._globals[holds])
            self._globals[f"{name}_texts"] = known.texts
        return name

    def define(self, head: str, lines: Iterable[str]) -> Any:
        """Make a function, and return it."""
        text = "\n    ".join((head, *lines)) + "\n"
        made: dict[str, Any] = {}
        code = compile(text, "<rules of the contract>", "exec")
        exec(code, self._globals, made)  # noqa: S102  # names are identifiers, all else literals
        ((name, function),) = made.items()
        self._globals[name] = function
        return function


_BUILTINS: Final = {
    function.__name__: function for function in (all, any, bool, frozenset, getattr, len, set, sum)
}
