"""What is worked out at the first use of an object holds up no other object's."""

from __future__ import annotations

import threading

from protocube import memo

_PATIENCE = 10.0


class _Compiled:
    """Something that takes as long as it is told to."""

    def __init__(self, begun: threading.Event, may_end: threading.Event) -> None:
        self._begun = begun
        self._may_end = may_end

    @memo.cached_property
    def plan(self) -> object:
        """Anything, but never the same twice."""
        self._begun.set()
        self._may_end.wait(_PATIENCE)
        return object()


def test_a_first_use_in_a_thread_holds_up_no_other_object() -> None:
    """A giant is compiled in a thread while others are used for the first time."""
    begun, may_end = threading.Event(), threading.Event()
    giant = _Compiled(begun, may_end)
    thread = threading.Thread(target=lambda: giant.plan)
    thread.start()
    try:
        assert begun.wait(_PATIENCE), "the giant's first use did not begin"
        at_once = threading.Event()
        at_once.set()
        small = _Compiled(threading.Event(), at_once)
        other = threading.Thread(target=lambda: small.plan)
        other.start()
        other.join(_PATIENCE / 2)
        assert not other.is_alive(), "the first use of another object waits for the giant's"
    finally:
        may_end.set()
        thread.join()


def test_what_was_worked_out_is_kept() -> None:
    """It is the same at each use, and belongs to one object."""
    at_once = threading.Event()
    at_once.set()
    one, other = (_Compiled(threading.Event(), at_once) for _ in range(2))
    assert one.plan is one.plan
    assert one.plan is not other.plan
    assert isinstance(_Compiled.plan, memo.cached_property), "it is read from the class, too"
