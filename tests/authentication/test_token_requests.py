"""CreateToken: what is asked for, what the token says, and what others verify it by."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.authentication.v1 import token_request_pb2, token_request_requests_pb2
from protocube.openid.v1 import issuer_pb2
from protocube_server.authentication.jose import keys, tokens
from tests.authentication import signing
from tests.authentication.accounts import LIST, MAPS, with_robot
from tests.authorization.ruled import Ruled, bind, ruled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

Reference = token_request_pb2.BoundObjectReference


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server that makes tokens, with an account that may read everything."""
    async with with_robot(tmp_path) as found:
        yield found


async def test_a_token_says_what_kubernetes_tokens_say(server: Ruled) -> None:
    """It is for the server itself and for an hour, unless the request says otherwise."""
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    before = time.time()
    found = await signing.create_token(admin, "robot")
    said = signing.decoded(found.status.token)
    assert before - 1 <= said["iat"] <= time.time()
    assert said == {
        "aud": [signing.ISSUER],
        "exp": said["iat"] + 3600,
        "iat": said["iat"],
        "iss": signing.ISSUER,
        "jti": said["jti"],
        "kubernetes.io": {
            "namespace": "default",
            "serviceaccount": {"name": "robot", "uid": account.metadata.uid},
        },
        "nbf": said["iat"],
        "sub": "system:serviceaccount:default:robot",
    }
    expires = found.status.expiration_timestamp.ToDatetime(UTC)
    assert expires == datetime.fromtimestamp(said["exp"], UTC)
    assert (found.api_version, found.kind) == ("authentication.k8s.io/v1", "TokenRequest")
    assert (found.metadata.name, found.spec.audiences[:]) == ("robot", [signing.ISSUER])
    asked = await signing.create_token(admin, "robot", audiences=["a", "b"], expiration_seconds=600)
    said = signing.decoded(asked.status.token)
    assert (said["aud"], said["exp"] - said["iat"]) == (["a", "b"], 600)


async def test_a_dry_run_makes_no_token(server: Ruled) -> None:
    """It is checked as the request would be."""
    admin = await server.caller("admin")
    request = token_request_requests_pb2.CreateTokenRequest(dry_run=True)
    request.object.metadata.name = "robot"
    reply = await admin.send(signing.METHOD, request.SerializeToString())
    answer = token_request_pb2.TokenRequest.FromString(reply.body)
    assert (answer.spec.expiration_seconds, answer.status.token) == (3600, "")


async def test_who_shows_a_token_is_the_account(server: Ruled) -> None:
    """It has the groups of all accounts and of those in its namespace, and rights by roles."""
    admin = await server.caller("admin")
    token = (await signing.create_token(admin, "robot")).status.token
    robot = await server.caller(token)
    await robot.send(f"{MAPS}/List", LIST)
    with pytest.raises(errors.Forbidden) as refused:
        await robot.create(robot.make("cm", "a"))
    assert refused.value.message == (
        'configmaps is forbidden: User "system:serviceaccount:default:robot" cannot create '
        'resource "configmaps" in API group "" in the namespace "default"'
    )
    await bind(admin, "nobody", "ClusterRole", "cluster-admin", binding="all-accounts")
    await admin.patch(
        "clusterrolebinding",
        "all-accounts",
        merge_patch='{"subjects": [{"kind": "Group", "name": "system:serviceaccounts:default"}]}',
    )
    await robot.create(robot.make("cm", "a"))


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"expiration_seconds": 60},
        (
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid '
            "value: 60: may not specify a duration less than 10 minutes"
        ),
    ),
    (
        {"expiration_seconds": (1 << 32) + 1},
        (
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid '
            "value: 4294967297: may not specify a duration larger than 2^32 seconds"
        ),
    ),
    (
        {"bound_object_ref": Reference(kind="ConfigMap", api_version="v1", name="a")},
        "cannot bind token to object of type /v1, Kind=ConfigMap",
    ),
    (
        {"bound_object_ref": Reference(kind="Deployment", api_version="apps/v1", name="a")},
        "cannot bind token to object of type apps/v1, Kind=Deployment",
    ),
    (
        {"bound_object_ref": Reference(kind="Secret", api_version="v1", name="none")},
        'secrets "none" not found',
    ),
    (
        {"bound_object_ref": Reference(kind="Secret", api_version="v1", name="s", uid="u")},
        (
            'Operation cannot be fulfilled on Secret "s": the UID in the bound object reference '
            "(u) does not match the UID in record. The object might have been deleted and then "
            "recreated"
        ),
    ),
    (
        {"bound_object_ref": Reference(kind="Pod", api_version="v1", name="p")},
        'cannot bind token for serviceaccount "robot" to pod running with serviceaccount "other"',
    ),
]


async def test_a_request_that_cannot_be_met_is_refused(server: Ruled) -> None:
    """The words are Kubernetes'."""
    admin = await server.caller("admin")
    await admin.create(admin.make("secret", "s"))
    container = {"name": "c", "image": "i"}
    await admin.create(
        admin.make("pod", "p", spec={"serviceAccountName": "other", "containers": [container]})
    )
    for spec, text in REFUSED:
        with pytest.raises(errors.ApiError) as refused:
            await signing.create_token(admin, "robot", **spec)
        assert refused.value.message == text


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_token_for_a_pod_names_its_node(server: Ruled, *, is_there: bool) -> None:
    """With the node's uid, or without one when the node is gone."""
    admin = await server.caller("admin")
    uid = (await admin.create(admin.make("node", "n"))).metadata.uid if is_there else ""
    containers = [{"name": "c", "image": "i"}]
    spec = {"serviceAccountName": "robot", "nodeName": "n", "containers": containers}
    pod = await admin.create(admin.make("pod", "p", spec=spec))
    reference = Reference(kind="Pod", api_version="v1", name="p")
    found = await signing.create_token(admin, "robot", bound_object_ref=reference)
    said = signing.decoded(found.status.token)["kubernetes.io"]
    assert said["pod"] == {"name": "p", "uid": pod.metadata.uid}
    assert said["node"] == {"name": "n", **({"uid": uid} if uid else {})}


async def test_an_account_must_be_there_and_its_token_a_right(server: Ruled) -> None:
    """The right is that of the subresource, with the account's name."""
    admin = await server.caller("admin")
    with pytest.raises(errors.NotFound, match=r'^serviceaccounts "none" not found$'):
        await signing.create_token(admin, "none")
    with pytest.raises(errors.Forbidden) as refused:
        await signing.create_token(await server.caller("alice"), "robot")
    assert refused.value.message == (
        'serviceaccounts "robot" is forbidden: User "alice" cannot create resource '
        '"serviceaccounts/token" in API group "" in the namespace "default"'
    )
    await bind(admin, "alice", "ClusterRole", "edit", namespace="default")
    assert (await signing.create_token(await server.caller("alice"), "robot")).status.token


async def test_a_server_without_a_key_makes_no_tokens(tmp_path: Path) -> None:
    """It says which flag is missing."""
    async with ruled(tmp_path) as found:
        admin = await found.caller("admin")
        with pytest.raises(errors.MethodNotSupported, match="--service-account-key"):
            await signing.create_token(admin, "default")
        for method in ("GetKeys", "GetConfiguration"):
            with pytest.raises(errors.NotFound, match="--service-account-key"):
                await admin.send(f"/protocube.openid.v1.Issuer/{method}", b"")


async def test_others_can_verify_tokens_by_what_the_server_tells(server: Ruled) -> None:
    """The JSON of its answers is that of OpenID Connect Discovery and of a key set."""
    admin = await server.caller("admin")
    token = (await signing.create_token(admin, "robot")).status.token
    robot = await server.caller(token)
    reply = await robot.send("/protocube.openid.v1.Issuer/GetConfiguration", b"")
    configuration = json_format.MessageToDict(
        issuer_pb2.GetConfigurationResponse.FromString(reply.body)
    )
    assert configuration == {
        "issuer": signing.ISSUER,
        "jwks_uri": f"{signing.ISSUER}/openid/v1/jwks",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }
    reply = await robot.send("/protocube.openid.v1.Issuer/GetKeys", b"")
    told = json_format.MessageToDict(issuer_pb2.GetKeysResponse.FromString(reply.body))
    read = tokens.read(token)
    assert read is not None
    assert tokens.verify(read, keys.of_set(told)).kid == read.kid
    assert told["keys"][0].keys() == {"use", "kty", "kid", "alg", "crv", "x", "y"}
    with pytest.raises(errors.Forbidden):
        await (await server.caller("bob")).send("/protocube.openid.v1.Issuer/GetKeys", b"")


async def test_others_can_ask_whom_a_token_for_them_proves(server: Ruled) -> None:
    """A TokenReview names them; without that it asks for this server."""
    admin = await server.caller("admin")
    own = (await signing.create_token(admin, "robot")).status.token
    others = (await signing.create_token(admin, "robot", audiences=["x"])).status.token
    robot = "system:serviceaccount:default:robot"
    for token, asked, audiences in (
        (own, [], [signing.ISSUER]),
        (own, [signing.ISSUER, "x"], [signing.ISSUER]),
        (others, ["x", "y"], ["x"]),
        (others, [], None),
        (others, ["y"], None),
        (own, ["x"], None),
    ):
        review = admin.make("tokenreview", spec={"token": token, "audiences": asked})
        status = (await admin.create(review)).status
        assert status.authenticated == (audiences is not None)
        assert list(status.audiences) == (audiences or [])
        assert status.user.username == (robot if audiences else "")
