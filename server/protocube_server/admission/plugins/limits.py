"""LimitRanger: what containers get unasked in a namespace, and what objects in it may use.

Source: ``k8s.io/kubernetes/plugin/pkg/admission/limitranger``, with its texts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import quantities
from protocube_server.admission.plugins import pod_amounts
from protocube_server.admission.plugins.plugin import CLAIM, POD, Plugin
from protocube_server.admission.state import LIMIT_RANGE
from protocube_server.admission.write import CREATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write

_ANNOTATION: Final = "kubernetes.io/limit-ranger"
_CONTAINER, _POD, _CLAIM = "Container", "Pod", "PersistentVolumeClaim"


class LimitRanger(Plugin):
    """See :class:`Plugin`. As in Kubernetes updates of pods are not looked at."""

    name = "LimitRanger"
    messages = (POD, CLAIM)

    def __init__(self, state: State) -> None:
        self._state = state

    def mutate(self, write: Write) -> bool:
        """Give the containers of a new pod what they ask for nothing of."""
        if write.kind.resource.message != POD or write.operation != CREATE:
            return False
        pod, told = write.new, []
        for limits in self._of(write):
            told += _fill(limits, pod)
            if told:
                pod.metadata.annotations[_ANNOTATION] = f"LimitRanger plugin set: {'; '.join(told)}"
        if told:
            # It follows from what is requested.
            pod.status.ClearField("qos_class")
        return bool(told)

    def validate(self, write: Write) -> None:
        """Refuse an object that is beyond the limits of its namespace."""
        is_pod = write.kind.resource.message == POD
        if is_pod and write.operation != CREATE:
            return
        for limits in self._of(write):
            found = _of_pod(limits, write.new) if is_pod else _of_claim(limits, write.new)
            faults = list(dict.fromkeys(found))
            if faults:
                text = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
                raise write.forbidden(text)

    def _of(self, write: Write) -> Iterator[Any]:
        held = self._state.within(LIMIT_RANGE, write.namespace)
        for _, each in sorted(held.items()):
            yield each.message.spec.limits


def _fill(limits: Any, pod: Any) -> list[str]:
    """Fill in the amounts of all containers; return what is told of that."""
    default: dict[str, str] = {}
    request: dict[str, str] = {}
    for limit in limits:
        if limit.type == _CONTAINER:
            default |= dict(limit.default)
            request |= dict(limit.default_request)
    told: list[str] = []
    for what, containers in (
        ("container", pod.spec.containers),
        ("init container", pod.spec.init_containers),
    ):
        for container in containers:
            for word, into, amounts in (
                ("request", container.resources.requests, request),
                ("limit", container.resources.limits, default),
            ):
                missing = sorted(name for name in amounts if name not in into)
                for name in missing:
                    into[name] = amounts[name]
                if missing:
                    told.append(f"{', '.join(missing)} {word} for {what} {container.name}")
    return told


def _of_pod(limits: Any, pod: Any) -> Iterator[str]:
    for limit in limits:
        if limit.type == _CONTAINER:
            for container in (*pod.spec.containers, *pod.spec.init_containers):
                resources = container.resources
                yield from _faults(limit, resources.requests, resources.limits)
        elif limit.type == _POD:
            requests = pod_amounts.requests(pod.spec, overhead=False)
            most = pod_amounts.limits(pod.spec, overhead=False)
            yield from _faults(limit, _texts(requests), _texts(most))


def _of_claim(limits: Any, claim: Any) -> Iterator[str]:
    requests = claim.spec.resources.requests
    for limit in limits:
        if limit.type != _CLAIM:
            continue
        for name, text in sorted(limit.min.items()):
            yield from _least(limit.type, name, text, requests, {})
        for name, text in sorted(limit.max.items()):
            head = f"maximum {name} usage per {limit.type} is {text}, but"
            if name not in requests:
                yield f"{head} no request is specified"
            elif _number(requests[name]) > _number(text):
                yield f"{head} request is {requests[name]}"


def _faults(limit: Any, requests: Mapping[str, str], limits: Mapping[str, str]) -> Iterator[str]:
    for name, text in sorted(limit.min.items()):
        yield from _least(limit.type, name, text, requests, limits)
    for name, text in sorted(limit.max.items()):
        head = f"maximum {name} usage per {limit.type} is {text}, but"
        if name not in limits:
            yield f"{head} no limit is specified"
        elif _number(limits[name]) > _number(text):
            yield f"{head} limit is {limits[name]}"
        elif name in requests and _number(requests[name]) > _number(text):
            yield f"{head} request is {requests[name]}"
    for name, text in sorted(limit.max_limit_request_ratio.items()):
        yield from _ratio(limit.type, name, text, requests, limits)


def _least(
    kind: str, name: str, text: str, requests: Mapping[str, str], limits: Mapping[str, str]
) -> Iterator[str]:
    head = f"minimum {name} usage per {kind} is {text}, but"
    if name not in requests:
        yield f"{head} no request is specified"
    elif _number(requests[name]) < _number(text):
        yield f"{head} request is {requests[name]}"
    elif name in limits and _number(limits[name]) < _number(text):
        yield f"{head} limit is {limits[name]}"


def _ratio(
    kind: str, name: str, text: str, requests: Mapping[str, str], limits: Mapping[str, str]
) -> Iterator[str]:
    head = f"{name} max limit to request ratio per {kind} is {text}, but"
    request, limit = _number(requests.get(name, "0")), _number(limits.get(name, "0"))
    if not request:
        yield f"{head} no request is specified or request is 0"
    elif not limit:
        yield f"{head} no limit is specified or limit is 0"
    elif limit / request > _number(text):
        yield f"{head} provided ratio is {float(limit / request):f}"


def _number(text: str) -> Fraction:
    return Fraction(quantities.parse(text) or 0)


def _texts(amounts: Mapping[str, Fraction]) -> dict[str, str]:
    """Return amounts as quantities; those of bytes count in powers of two."""
    return {name: quantities.text(amount, binary=name != "cpu") for name, amount in amounts.items()}
