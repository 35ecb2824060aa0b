"""The tests of ``scripts/test --quick``: some of every layer, in about six minutes on two cores.

A plugin of pytest, loaded by that script (``-p tests.quick``). It decides by file, so that
what is left out is not even imported, and says at the end what that was.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

_TESTS = Path(__file__).parent

LEFT_OUT: Final = {
    "bench": "the benchmarks measure, which takes minutes",
    "clients": "clients in other languages are compiled",
    "corpus": "every public manifest there and back",
    "differential": "cubectl beside the real kubectl",
    "faults": "members and servers killed and cut off",
    "model": "histories of all methods beside a model of what they mean",
    "mutants/test_trying.py": "mistakes are made in a copy of the tree",
    "packaging": "installs into empty environments",
    "simulation/test_simulation.py": "two thousand seeds; cache and wire have such histories, too",
    "system": "the demo, a new kind, every kind there and back",
    "tools": "ghz and grpcurl are built",
    "upgrade": "stores that releases have written are opened",
    "client/cli/test_examples.py": "every example of every help text is run",
    "client/cli/test_many.py": "a thousand documents",
    "conformance/test_compaction.py": "waits for etcd to compact",
    "conformance/test_watch.py": "every watch on every store; wire has watches, too",
    "contract/test_codegen.py": "the generator; scripts/check compares its code",
    "garbage_collection/test_killed_leader.py": "waits until a killed leader is missed",
    "garbage_collection/test_random.py": "random graphs of owners; the others have the rules",
    "kinds/test_every_list.py": "2,000 elements in each list of each kind",
    "sealing/test_server.py": "servers whose keys change; the store with seals is there",
    "semantics/test_cases.py": "650 recorded histories on each store",
    "server/test_editions.py": "ten thousand replacements of a kind",
    "server/test_store_lost.py": "waits for a store that hangs",
    "storage/test_etcd_cluster.py": "three members of etcd",
    "storage/test_etcd_faults.py": "an etcd that is killed and paused",
    "storage/test_etcd_leases.py": "waits for leases to end",
    "storage/test_etcd_renewal.py": "an etcd whose certificates are renewed",
    "storage/test_etcd_security.py": "an etcd with certificates and users",
    "tls/test_server_command.py": "a server process for each wrong certificate",
    "tls/test_sessions.py": "waits for connections to be cut",
    "upkeep/test_takeover.py": "leading processes that are killed and stopped",
}
"""Folders and files below ``tests``, and what is missing without them."""


def left_out(path: Path) -> bool:
    """Tell whether a folder or file is no part of the quick tests."""
    return path.is_relative_to(_TESTS) and path.relative_to(_TESTS).as_posix() in LEFT_OUT


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over what is left out; the other rules decide about the rest."""
    return True if left_out(collection_path) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and how to run it."""
    terminalreporter.section("left out by scripts/test --quick", "-")
    for name, what in LEFT_OUT.items():
        terminalreporter.write_line(f"tests/{name}: {what}")
    terminalreporter.write_line("This is a first answer: scripts/test runs every test.")
