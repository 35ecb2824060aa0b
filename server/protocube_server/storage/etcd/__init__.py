"""The etcd store: a thin client of our own, and the Store on top of it.

- ``store``: the Store, put together from the parts below
- ``group``: group commit, many callers' writes in one transaction
- ``singles``: one write at a time, for kine
- ``transactions``: the shapes of transactions, and what their answers mean
- ``watch``: watches that survive lost connections, each made of a ``subscription`` at a
  time to the ``stream`` that all share, and an ``assembly`` of whole revisions
- ``client``: unary calls with deadlines and safe retries
- ``incarnation``: whether the cluster has still the history that it had
- ``leases``: keys that vanish when their owner does
- ``connection``: endpoints, one channel each
- ``security``, ``tokens``: TLS, and the user of etcd's own authentication
- ``renewal``: certificates that change while we are connected
- ``faults``: etcd's and gRPC's errors in our words, the only place for that
- ``version``: what to refuse and what to trust
- ``proto``: messages and stubs, generated
"""

from __future__ import annotations

from protocube_server.storage.etcd.security import Security
from protocube_server.storage.etcd.store import EtcdStore

__all__ = ["EtcdStore", "Security"]
