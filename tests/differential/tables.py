"""The tables that a Kubernetes API server sends instead of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.differential.kinds import Kind, Object


def table(kind: Kind, items: Sequence[Object], *, whole: bool) -> dict[str, Any]:
    """Return ``items`` as a ``Table``, each with its metadata or, with ``whole``, all of it."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": "1"},
        "columnDefinitions": [
            {
                "name": column.name,
                "type": "string",
                "format": "name" if column.name == "Name" else "",
                "description": "",
                "priority": int(column.wide),
            }
            for column in kind.columns
        ],
        "rows": [
            {
                "cells": [column.cell(item) for column in kind.columns],
                "object": item if whole else _partial(item),
            }
            for item in items
        ],
    }


def _partial(item: Object) -> dict[str, Any]:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": item["metadata"],
    }
