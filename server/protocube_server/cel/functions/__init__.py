"""The functions that Kubernetes adds to CEL.

Source: ``k8s.io/apiserver/pkg/cel/library``. Those over a caller's rights are :mod:`authorizing`,
which only some expressions have.
"""

from protocube_server.cel.functions import (
    addresses,
    growing,
    lists,
    named_formats,
    patterns,
    quantities,
    sets,
    urls,
    versions,
)

ALL = (
    *addresses.FUNCTIONS,
    *growing.FUNCTIONS,
    *lists.FUNCTIONS,
    *named_formats.FUNCTIONS,
    *patterns.FUNCTIONS,
    *quantities.FUNCTIONS,
    *sets.FUNCTIONS,
    *urls.FUNCTIONS,
    *versions.FUNCTIONS,
)
"""What every expression may call."""
