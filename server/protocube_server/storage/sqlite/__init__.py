"""The embedded store: one SQLite file, one server.

- ``store``: the Store, put together from the parts below
- ``file``: opening: directory, lock, connections, faults in our words
- ``schema``: tables and their version
- ``ledger``: what a transaction of the writer may do
- ``writer``: the thread that runs those transactions, many callers in one
- ``reads``: queries, each within one snapshot
- ``readers``: the threads that run them
- ``feed``: watches, live from the writer, older revisions from the history
"""

from __future__ import annotations

from protocube_server.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
