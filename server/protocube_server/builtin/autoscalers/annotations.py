"""What autoscaling/v1 has no fields for, as the JSON in its annotations.

Source: ``k8s.io/api/autoscaling/v1``, whose metrics are those of v2beta1
(``targetAverageUtilization``, ``currentValue``), and ``HorizontalPodAutoscalerBehavior`` of
Kubernetes' internal types, which has its fields' Go names.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import decode, encode, json_text, json_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Data = dict[str, Any]

PREFIX: Final = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT = f"{PREFIX}metrics", f"{PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{PREFIX}conditions", f"{PREFIX}behavior"

_ZERO: Final = "0"
"""What an amount reads that is no pointer in Go."""
_SOURCES: Final = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
"""Where a metric of a type says what it is."""
_SCALING: Final = ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance")


class Unread(Exception):  # reads as the statement it is
    """An annotation's text is not the JSON that it stands for."""


def targets(metrics: Iterable[Any]) -> str:
    """Return the metrics of a spec as the text of :data:`METRICS`."""
    return _text([_metric(encode.data(metric), "target") for metric in metrics])


def currents(metrics: Iterable[Any]) -> str:
    """Return the metrics of a status as the text of :data:`CURRENT`."""
    return _text([_metric(encode.data(metric), "current") for metric in metrics])


def conditions(found: Iterable[Any]) -> str:
    """Return the conditions of a status as the text of :data:`CONDITIONS`."""
    return _text([encode.shown(condition) for condition in found])


def behavior(message: Any) -> str:
    """Return a behavior as the text of :data:`BEHAVIOR`."""
    data = encode.data(message)
    return _text({_go(name): _rules(data.get(name)) for name in ("scaleUp", "scaleDown")})


def read_targets(text: str, spec: Any) -> None:
    """Add to ``spec`` what the text of :data:`METRICS` says. Raises :class:`Unread`."""
    metrics = [_read_metric(item, "target") for item in _list(_parsed(text))]
    _decode({"metrics": metrics}, spec)


def read_currents(text: str, status: Any) -> None:
    """Add to ``status`` what the text of :data:`CURRENT` says. Raises :class:`Unread`."""
    metrics = [_read_metric(item, "current") for item in _list(_parsed(text))]
    _decode({"currentMetrics": metrics}, status)


def read_conditions(text: str, status: Any) -> None:
    """Add to ``status`` what the text of :data:`CONDITIONS` says. Raises :class:`Unread`."""
    _decode({"conditions": _parsed(text)}, status)


def read_behavior(text: str, spec: Any) -> None:
    """Add to ``spec`` what the text of :data:`BEHAVIOR` says. Raises :class:`Unread`."""
    given = _without_case(_parsed(text), ("scaleUp", "scaleDown"))
    rules = {name: _read_rules(value) for name, value in given.items() if value is not None}
    _decode({"behavior": rules}, spec)


_text = functools.partial(json_text.compact, order=list)


def _metric(data: Data, word: str) -> Data:
    """Return one of v2's metrics in the old form; ``word`` is ``target`` or ``current``."""
    kind = data.get("type", "")
    name = _SOURCES.get(kind, "")
    source = data.get(name)
    if source is None:
        return {"type": kind}
    metric, amounts = source.get("metric", {}), source.get(word, {})
    old = _OLD[name](source, metric, amounts, word.capitalize())
    found = {_worded(key, word): value for key, value in old.items() if value is not None}
    return {"type": kind, name: found}


def _worded(key: str, word: str) -> str:
    return key.replace("@", word)


def _old_resource(source: Data, _: Data, amounts: Data, word: str) -> Data:
    value = amounts.get("averageValue")
    return {
        "name": source.get("name", ""),
        "@AverageUtilization": amounts.get("averageUtilization"),
        "@AverageValue": value if word == "Target" else value or _ZERO,
        "container": source.get("container"),
    }


def _old_pods(_: Data, metric: Data, amounts: Data, __: str) -> Data:
    return {
        "metricName": metric.get("name", ""),
        "@AverageValue": amounts.get("averageValue", _ZERO),
        "selector": metric.get("selector"),
    }


def _old_object(source: Data, metric: Data, amounts: Data, _: str) -> Data:
    described = source.get("describedObject", {})
    target = {"kind": described.get("kind", ""), "name": described.get("name", "")}
    if version := described.get("apiVersion"):
        target["apiVersion"] = version
    return {
        "target": target,
        "metricName": metric.get("name", ""),
        "@Value": amounts.get("value", _ZERO),
        "selector": metric.get("selector"),
        "averageValue": amounts.get("averageValue"),
    }


def _old_external(_: Data, metric: Data, amounts: Data, word: str) -> Data:
    value = amounts.get("value")
    return {
        "metricName": metric.get("name", ""),
        "metricSelector": metric.get("selector"),
        "@Value": value if word == "Target" else value or _ZERO,
        "@AverageValue": amounts.get("averageValue"),
    }


_OLD: Final[Mapping[str, Callable[[Data, Data, Data, str], Data]]] = {
    "resource": _old_resource,
    "containerResource": _old_resource,
    "pods": _old_pods,
    "object": _old_object,
    "external": _old_external,
}


def _read_metric(item: Any, word: str) -> Data:
    """Return one of v2's metrics. Raises :class:`Unread`."""
    item = _object(item)
    kind = item.get("type")
    name = _SOURCES.get(kind, "")
    if item.get(name) is None:
        return {"type": kind}
    old = _object(item[name])
    average = old.get("averageValue" if name == "object" else f"{word}AverageValue")
    utilization = old.get(f"{word}AverageUtilization")
    value = old.get(f"{word}Value")
    # A zero beside another amount stands there because it must.
    if average is not None and value == _ZERO:
        value = None
    if utilization is not None and average == _ZERO:
        average = None
    amounts = {"value": value, "averageValue": average, "averageUtilization": utilization}
    if word == "target":
        is_value = average is None and name in ("object", "external")
        is_share = utilization is not None
        amounts["type"] = "Utilization" if is_share else "Value" if is_value else "AverageValue"
    found: Data = {word: amounts}
    if name in ("resource", "containerResource"):
        found |= {key: old.get(key) for key in ("name", "container") if key in old}
    else:
        selector = old.get("metricSelector" if name == "external" else "selector")
        found["metric"] = {"name": old.get("metricName"), "selector": selector}
    if name == "object":
        found["describedObject"] = old.get("target")
    return {"type": kind, name: found}


def _rules(data: Data | None) -> Data | None:
    if data is None:
        return None
    found = {_go(name): data.get(name) for name in _SCALING}
    found["Policies"] = [
        {
            "Type": one.get("type", ""),
            "Value": one.get("value", 0),
            "PeriodSeconds": one["periodSeconds"],
        }
        for one in data.get("policies", ())
    ] or None
    return found


def _read_rules(given: Any) -> Data:
    rules = _without_case(given, _SCALING)
    policies = [
        _without_case(policy, ("type", "value", "periodSeconds"))
        for policy in _list(rules.get("policies"))
    ]
    return {**rules, "policies": policies}


def _go(name: str) -> str:
    return name[0].upper() + name[1:]


def _without_case(given: Any, names: Iterable[str]) -> Data:
    """Return the members that Go would read into fields of these names."""
    by_name = {name.lower(): name for name in names}
    members = _object(given).items()
    return {by_name[key.lower()]: value for key, value in members if key.lower() in by_name}


def _parsed(text: str) -> Any:
    try:
        return json_values.parse_alone(text)
    except (json_values.NotJson, json_values.Refused) as error:
        raise Unread from error


def _object(value: Any) -> Data:
    if not isinstance(value, dict):
        raise Unread
    return value


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise Unread
    return value or []


def _decode(data: Data, target: Any) -> None:
    read = type(target)()
    report = decode.decode(data, read)
    if report.faults or report.violations:
        raise Unread
    target.MergeFrom(read)
