"""The descriptor pool of other programs' messages: etcd's, and those of key plugins.

They must not be in protobuf's default pool: any other client of theirs in the process
registers the same symbols there, and the second to come would fail to import.
``scripts/generate`` makes them import this module as their ``_descriptor_pool``.
"""

from __future__ import annotations

from google.protobuf import descriptor_pool

_POOL = descriptor_pool.DescriptorPool()


def Default() -> descriptor_pool.DescriptorPool:  # noqa: N802  # the name that generated code calls
    """Return the pool that holds their descriptors, and nothing else."""
    return _POOL
