"""The etcd store: a thin client of our own, and the Store on top of it.

- ``store``: the Store, put together from the parts below
- ``group``: group commit, many callers' writes in one transaction
- ``transactions``: the shapes of transactions, and what their answers mean
- ``watch``: a watch that survives lost connections, made of a ``stream`` at a time and
  an ``assembly`` of whole revisions
- ``client``: unary calls with deadlines and safe retries
- ``connection``: endpoints, one channel each
- ``faults``: etcd's and gRPC's errors in our words, the only place for that
- ``version``: what to refuse and what to trust
- ``proto``: messages and stubs, generated
"""

from __future__ import annotations

from protocube_server.storage.etcd.store import EtcdStore

__all__ = ["EtcdStore"]
