"""The kinds that simulated servers serve: a few, because the end of a namespace asks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.registry import Registry

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

_MESSAGES = ("ConfigMap", "Namespace", "Pod", "Secret")


def _catalog() -> Catalog:
    names = [f"protocube.core.v1.{name}" for name in _MESSAGES]
    shipped = Catalog.shipped(comments=False)
    files = shipped.files_declaring([*names, *(f"{name}List" for name in names)])
    return Catalog(files.values(), trusted=True)


def _kind(name: str) -> Kind:
    found = REGISTRY.for_message(f"protocube.core.v1.{name}")
    assert found is not None
    return found


REGISTRY: Final = Registry(_catalog(), "/registry", FUNCTIONS)
"""Made once: kinds never change here, so all servers of all runs share what is compiled."""
NAMESPACES: Final = REGISTRY.namespaces
CONTENTS: Final = (_kind("ConfigMap"), _kind("Secret"))
"""What tenants fill their namespaces with."""
