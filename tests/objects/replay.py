"""Creates recorded objects on a server and compares what it keeps with Kubernetes' answer.

As a program: SERVER FOLDER, with objects below the folder, prints each object's differences and
how many of each kind are equal.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.catalog import Catalog
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube_client import Client
from tests.objects import cases
from tests.objects.comparing import differences, normalised

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from tests.objects.cases import Case, Object


async def replay(client: Client, case: Case) -> list[str]:
    """Return how the object differs from Kubernetes', or in one line why it is not there."""
    kind, version = case.manifest["kind"], case.manifest["apiVersion"]
    if Catalog.shipped().for_kind(version, kind) is None:
        return [f"no kind {kind} of {version}"]
    for before in case.setup:
        # Namespaces are shared between cases.
        with contextlib.suppress(errors.AlreadyExists):
            await client.create(_message(before))
    try:
        # What a get would give; but an object whose owner is not there may be collected by then.
        answer = await client.create(_message(case.manifest))
    except errors.ApiError as error:
        return [f"refused: {error}"]
    finally:
        for item in (case.manifest, *case.setup):
            await _remove(client, item)
    found = normalised(encode.shown(answer), case.manifest)
    return min((list(differences(wanted, found)) for wanted in case.stored), key=len)


async def _remove(client: Client, item: Object) -> None:
    """Delete what is cluster-wide: a default class, say, would change other objects."""
    if "namespace" not in item["metadata"] and item["kind"] != "Namespace":
        with contextlib.suppress(errors.ApiError):
            await client.delete(_word(item), item["metadata"].get("name", ""))


def _message(item: Object) -> Any:
    message = _resource(item).message_class()
    report = decode(item, message)
    assert not report.faults, report.faults
    assert not report.unknown, report.unknown
    return message


def _resource(item: Object) -> Resource:
    found = Catalog.shipped().for_kind(item["apiVersion"], item["kind"])
    assert found is not None, f"no kind {item['kind']} of {item['apiVersion']}"
    return found


def _word(item: Object) -> str:
    resource = _resource(item)
    return f"{resource.plural}.{resource.version}.{resource.group}"


async def _main(server: str, folder: Path) -> None:
    total: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    async with Client(server) as client:
        for case in cases.in_folder(folder):
            found = await replay(client, case)
            total[case.kind] += 1
            equal[case.kind] += not found
            sys.stdout.writelines(f"{case.name}: {line}\n" for line in found)
    for kind, count in total.items():
        sys.stdout.write(f"{kind:60} {equal[kind]:3} of {count:3} equal\n")
    sys.stdout.write(f"{equal.total()} of {total.total()} objects equal\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2])))
