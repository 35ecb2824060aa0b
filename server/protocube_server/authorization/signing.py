"""Who may approve requests for certificates, and sign them: rights on the signer that is asked.

A certificate says who its bearer is, so whoever signs one, or has it signed, makes users. Source:
Kubernetes' ``plugin/pkg/admission/certificates``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.authorization.attributes import Attributes

if TYPE_CHECKING:
    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.calls.call import Call

REQUEST: Final = "protocube.certificates.v1.CertificateSigningRequest"
_GROUP: Final = "certificates.k8s.io"
_DECISIONS: Final = ("Approved", "Denied")


def require(authorizer: Authorizer, call: Call, old: Any, new: Any) -> None:
    """Refuse to decide about a request, or to answer it, without that right on its signer.

    Raises ``errors.Forbidden``.
    """
    signer = new.spec.signer_name
    if _decisions(old) != _decisions(new):
        _require(authorizer, call, new, "approve", signer)
    if old.status.certificate != new.status.certificate or _failures(old) != _failures(new):
        _require(authorizer, call, new, "sign", signer)


def _require(authorizer: Authorizer, call: Call, new: Any, verb: str, signer: str) -> None:
    domain = signer.partition("/")[0]
    for name in (signer, f"{domain}/*"):
        if authorizer.allows(call.user, Attributes(verb, _GROUP, "signers", name=name)):
            return
    text = f"user not permitted to {verb} requests with signerName {errors.quote(signer)}"
    raise errors.forbidden(call.kind.resource.qualified, new.metadata.name, text)


def _decisions(request: Any) -> list[bytes]:
    return [
        each.SerializeToString(deterministic=True)
        for each in request.status.conditions
        if each.type in _DECISIONS
    ]


def _failures(request: Any) -> list[bytes]:
    return [
        each.SerializeToString(deterministic=True)
        for each in request.status.conditions
        if each.type not in _DECISIONS
    ]
