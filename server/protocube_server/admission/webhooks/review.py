"""An ``AdmissionReview``: what a webhook is asked, and what it answers.

Source: ``k8s.io/apiserver/pkg/admission/plugin/webhook`` (request, errors), with its texts.
"""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import encode, json_values
from protocube_server.admission.policies.inputs import request_of
from protocube_server.admission.webhooks.hook import Unreached
from protocube_server.calls.admission import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.admission.policies.inputs import Inputs
    from protocube_server.admission.webhooks.hook import Hook
    from protocube_server.kinds.kind import Kind

_GROUP: Final = "admission.k8s.io"
_MOST_WARNING: Final = 256
_MOST_WARNINGS: Final = 16
_ERRORS: Final[dict[int, type[errors.ApiError]]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.TooLarge,
    422: errors.Invalid,
    429: errors.TooManyRequests,
    503: errors.Unavailable,
    504: errors.Timeout,
}
_LEAST_FAILURE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a webhook says."""

    refusal: errors.ApiError | None
    patch: str = ""
    """A JSON patch of the object."""
    changed: Any | None = None
    """The object as it should be."""
    warnings: tuple[str, ...] = ()
    annotations: dict[str, str] = field(default_factory=dict)


def question(hook: Hook, kind: Kind, inputs: Inputs) -> tuple[str, bytes]:
    """Return the uid of a question, and its body: the write, seen as ``kind``."""
    uid = str(uuid.uuid4())
    old, new = inputs.objects(kind)
    fields = request_of(inputs.write, kind).fields
    request = {name: value for name, value in fields.items() if value not in ("", None)}
    request |= {
        "uid": uid,
        "object": None if new is None else encode.shown(new),
        "oldObject": None if old is None else encode.shown(old),
    }
    body = {
        "kind": "AdmissionReview",
        "apiVersion": f"{_GROUP}/{hook.version}",
        "request": request,
    }
    return uid, json.dumps(body, separators=(",", ":")).encode()


def answer(hook: Hook, uid: str, body: bytes) -> Answer:
    """Return what the body of an answer says. Raises :class:`Unreached` for what is none."""
    response = _response(hook, uid, body)
    warnings = response.get("warnings")
    annotations = response.get("auditAnnotations")
    return Answer(
        refusal=None if response.get("allowed") is True else _refusal(hook, response),
        patch=_patch(response),
        warnings=bounded(warnings if isinstance(warnings, list) else ()),
        annotations={
            f"{hook.name}/{key}": str(value)
            for key, value in (annotations if isinstance(annotations, dict) else {}).items()
        },
    )


def bounded(warnings: Sequence[Any]) -> tuple[str, ...]:
    """Return warnings that a webhook gives, not too many and none too long."""
    return tuple(str(text)[:_MOST_WARNING] for text in warnings[:_MOST_WARNINGS])


def denied(hook: Hook, said: str) -> str:
    """Return the text of a refusal, for which ``said`` is the reason."""
    head = f"admission webhook {errors.quote(hook.name)} denied the request"
    return f"{head}: {said}" if said else f"{head} without explanation"


def _response(hook: Hook, uid: str, body: bytes) -> dict[str, Any]:
    wanted = f"{_GROUP}/{hook.version}, Kind=AdmissionReview"
    try:
        review = json_values.parse_alone(body.decode())
    except (ValueError, json_values.NotJson, json_values.Refused):
        raise Unreached("received invalid webhook response: it is no JSON") from None
    if not isinstance(review, dict):
        raise Unreached("received invalid webhook response: it is no object")
    found = f"{review.get('apiVersion', '')}, Kind={review.get('kind', '')}"
    if found != wanted:
        text = f"received invalid webhook response: expected webhook response of {wanted}"
        raise Unreached(text, f", got {found}")
    response = review.get("response")
    if not isinstance(response, dict):
        raise Unreached("webhook response was absent")
    if response.get("uid") != uid:
        got = errors.quote(str(response.get("uid", "")))
        text = f'received invalid webhook response: expected response.uid="{uid}"'
        raise Unreached(text, f", got {got}")
    return response


def _patch(response: dict[str, Any]) -> str:
    patch = response.get("patch")
    if not patch:
        return ""
    if response.get("patchType") != "JSONPatch":
        raise Unreached("received invalid webhook response: patchType must be JSONPatch")
    try:
        return base64.b64decode(patch, validate=True).decode()
    except (ValueError, TypeError):
        raise Unreached("received invalid webhook response: patch is no base64") from None


def _refusal(hook: Hook, response: dict[str, Any]) -> errors.ApiError:
    status = response.get("status")
    status = status if isinstance(status, dict) else {}
    text = denied(hook, str(status.get("message") or status.get("reason") or ""))
    code = status.get("code")
    code = code if isinstance(code, int) else 0
    fallback = Failed if code >= _LEAST_FAILURE else errors.BadRequest
    return _ERRORS.get(code, fallback)(text)
