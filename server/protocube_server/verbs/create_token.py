"""CreateToken: make a token that proves to be a service account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.authentication.service_accounts.claims import Claims, Reference
from protocube_server.authentication.service_accounts.live_objects import BOUND
from protocube_server.kinds import violations
from protocube_server.verbs import get, requests

if TYPE_CHECKING:
    from protocube_server.authentication.service_accounts.issuing import Issuer
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api

_API_VERSION, _KIND = "authentication.k8s.io/v1", "TokenRequest"
_QUALIFIED: Final = "TokenRequest.authentication.k8s.io"
_DEFAULT_SECONDS, _LEAST_SECONDS, _MOST_SECONDS = 3600, 600, 1 << 32
_NO_KEY: Final = (
    "this server makes no tokens of service accounts: it has no key to sign them with "
    "(--service-account-key)"
)
_UID: Final = (
    "the UID in the bound object reference ({}) does not match the UID in record. The object might "
    "have been deleted and then recreated"
)
_BOUND: Final = {word.capitalize(): word for word in BOUND}
"""What a token can be bound to: the names that claims have, by kinds."""
ISSUED: Final = "authentication.kubernetes.io/issued-credential-id"
"""Kubernetes' annotation of an audit record."""


async def create_token(api: Api, call: Call) -> bytes:
    """Answer a CreateTokenRequest with the TokenRequest, the token in its status.

    Raises ``errors.NotFound`` without the account or the object, ``errors.Invalid``,
    ``errors.BadRequest`` for an object that no token is bound to, ``errors.Conflict`` for another
    uid, and ``errors.MethodNotSupported`` where there is no key. The checks and their order are
    Kubernetes'.
    """
    request = await requests.check_claims(call, _API_VERSION, _KIND)
    namespace, name = call.target
    get.require_name(name)
    issuer: Issuer | None = api.token_issuer
    if issuer is None:
        raise errors.MethodNotSupported(_NO_KEY)
    account = call.kind.read(await get.stored(api, call)).metadata
    spec = request.spec
    if not spec.HasField("expiration_seconds"):
        spec.expiration_seconds = _DEFAULT_SECONDS
    if not spec.audiences:
        spec.audiences.extend(issuer.audiences)
    _require_valid(spec)
    bound = await _bound(api, call, spec.bound_object_ref) if _is_bound(spec) else {}
    claims = Claims(
        namespace=namespace,
        account=Reference(name=name, uid=account.uid),
        bound=bound,
    )
    request.metadata.namespace = namespace
    request.metadata.creation_timestamp.FromDatetime(api.now().replace(microsecond=0))
    request.ClearField("status")
    if not call.request.dry_run:
        issued = issuer.issue(
            claims, audiences=list(spec.audiences), seconds=spec.expiration_seconds
        )
        call.annotate(ISSUED, issued.credential)
        request.status.token = issued.token
        request.status.expiration_timestamp.FromDatetime(issued.expires)
    answer: bytes = request.SerializeToString(deterministic=True)
    return answer


def _is_bound(spec: Any) -> bool:
    found: bool = spec.HasField("bound_object_ref")
    return found


def _require_valid(spec: Any) -> None:
    """Raise ``errors.Invalid`` for what no token has; of durations with Kubernetes' words."""
    seconds, faults = spec.expiration_seconds, []
    fault = ""
    if seconds < _LEAST_SECONDS:
        fault = "may not specify a duration less than 10 minutes"
    elif seconds > _MOST_SECONDS:
        fault = "may not specify a duration larger than 2^32 seconds"
    if fault:
        faults.append(violations.invalid("spec.expirationSeconds", seconds, fault))
    if spec.attestations:
        faults.append(violations.forbidden("spec.attestations", "this server attests nothing else"))
    if faults:
        raise errors.invalid(_QUALIFIED, "", faults)


async def _bound(api: Api, call: Call, wanted: Any) -> dict[str, Reference]:
    """Return what a token is bound to: an object, and for a pod its node as well."""
    word = _BOUND.get(wanted.kind) if wanted.api_version == "v1" else None
    kind = call.edition.kinds.for_message(BOUND[word]) if word is not None else None
    if word is None or kind is None:
        group, _, version = wanted.api_version.rpartition("/")
        raise errors.BadRequest(
            f"cannot bind token to object of type {group}/{version}, Kind={wanted.kind}"
        )
    namespace = call.target.namespace if kind.resource.namespaced else ""
    get.require_name(wanted.name)
    record = await api.store.get(kind.key(namespace, wanted.name))
    if record is None:
        raise errors.not_found(kind.resource.qualified, wanted.name)
    message = kind.read(record)
    bound = {}
    if word == "pod":
        runs_as = message.spec.service_account_name
        if runs_as != call.target.name:
            raise errors.BadRequest(
                f"cannot bind token for serviceaccount {errors.quote(call.target.name)} to pod "
                f"running with serviceaccount {errors.quote(runs_as)}"
            )
        if message.spec.node_name:
            bound["node"] = await _node(api, call, message.spec.node_name)
    uid = message.metadata.uid
    if wanted.uid and wanted.uid != uid:
        # Kubernetes names the kind here, where it names the resource elsewhere.
        raise errors.conflict(wanted.kind, wanted.name, _UID.format(wanted.uid))
    return {word: Reference(name=wanted.name, uid=uid), **bound}


async def _node(api: Api, call: Call, name: str) -> Reference:
    kind = call.edition.kinds.for_message(BOUND["node"])
    record = await api.store.get(kind.key("", name)) if kind is not None else None
    uid = kind.read(record).metadata.uid if kind is not None and record is not None else ""
    return Reference(name=name, uid=uid)
