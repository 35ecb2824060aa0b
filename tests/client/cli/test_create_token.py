"""cubectl create token, in kubectl's words, and the same by the library."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_client import Client
from tests.authentication import signing
from tests.authentication.accounts import with_robot
from tests.client.command_line import CommandLine, Done

if TYPE_CHECKING:
    from pathlib import Path

    from tests.authorization.ruled import Ruled

_INVALID = (
    'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: '
    "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes\n"
)
_KINDS = "error: supported --bound-object-kind values are Node, Pod, Secret\n"
_WITHOUT_KIND = "can only be set if --bound-object-kind is provided\n"
REFUSED = {
    ("nope",): 'error: failed to create token: serviceaccounts "nope" not found\n',
    ("robot", "--duration=60s"): _INVALID,
    ("robot", "--duration=-1s"): "error: --duration must be greater than or equal to 0\n",
    ("robot", "--duration=1500ms"): (
        "error: --duration cannot be expressed in units less than seconds\n"
    ),
    ("robot", "--audience="): "error: --audience must not be an empty string\n",
    ("robot", "--bound-object-kind=Deployment"): _KINDS,
    ("robot", "--bound-object-name=n"): f"error: --bound-object-name {_WITHOUT_KIND}",
    ("robot", "--bound-object-uid=u"): f"error: --bound-object-uid {_WITHOUT_KIND}",
    ("robot", "--bound-object-kind=Pod"): (
        "error: --bound-object-name is required if --bound-object-kind is provided\n"
    ),
}


async def _run(server: Ruled, folder: Path, *words: str, token: str = "admin") -> Done:
    line = CommandLine(environ={"HOME": str(folder)})
    return await asyncio.to_thread(line, *words, f"--server={server.address}", f"--token={token}")


async def test_a_token_is_printed_and_works(tmp_path: Path) -> None:
    """Alone, or with -o the whole TokenRequest; the errors are kubectl's."""
    async with with_robot(tmp_path) as server:
        for words, text in REFUSED.items():
            done = await _run(server, tmp_path, "create", "token", *words)
            assert (done.code, done.out, done.err) == (1, "", text)
        done = await _run(server, tmp_path, "create", "token")
        assert done.err.startswith("error: exactly one NAME is required, got 0\n")
        made = await _run(server, tmp_path, "create", "token", "robot", "--duration=10m")
        assert (made.code, made.err) == (0, "")
        said = signing.decoded(made.out)
        assert said["exp"] - said["iat"] == 600
        shown = await _run(server, tmp_path, "get", "sa", "robot", "-o", "name", token=made.out)
        assert (shown.code, shown.out) == (0, "serviceaccount/robot\n")
        words = ("robot", "--audience=a", "--audience=b", "-o", "json")
        found = json.loads((await _run(server, tmp_path, "create", "token", *words)).out)
        assert (found["kind"], found["spec"]["audiences"]) == ("TokenRequest", ["a", "b"])
        assert signing.decoded(found["status"]["token"])["aud"] == ["a", "b"]
        async with Client(server.address, token="admin") as client:
            with pytest.raises(errors.NotFound):
                await client.create_token("none")
            answer = await client.create_token("robot", expiration_seconds=1200)
        async with Client(server.address, token=answer.status.token) as client:
            await client.list("configmaps", namespace="default")
