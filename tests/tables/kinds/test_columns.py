"""The columns of every shipped kind."""

from __future__ import annotations

import pytest

from protocube.catalog import Catalog
from protocube.tables import columns, computed
from tests.tables.kinds.cells import resource

_EVENT = (
    "LAST SEEN|TYPE|REASON|OBJECT|MESSAGE",
    "LAST SEEN|TYPE|REASON|OBJECT|SUBOBJECT|SOURCE|MESSAGE|FIRST SEEN|COUNT|NAME",
)
_BINDING = ("NAME|ROLE|AGE", "NAME|ROLE|AGE|USERS|GROUPS|SERVICEACCOUNTS")
_CREATED = ("NAME|CREATED AT", "NAME|CREATED AT")
_AGE = ("NAME|AGE", "NAME|AGE")
_AUTOSCALER = "NAME|REFERENCE|TARGETS|MINPODS|MAXPODS|REPLICAS|AGE"
_TEMPLATE = "CONTAINERS|IMAGES"


def _same(headings: str) -> tuple[str, str]:
    return headings, headings


def _more(headings: str, wide: str) -> tuple[str, str]:
    return headings, f"{headings}|{wide}"


HEADINGS = {
    "clusterrolebindings": _BINDING,
    "clusterroles": _CREATED,
    "certificatesigningrequests": _same(
        "NAME|AGE|SIGNERNAME|REQUESTOR|REQUESTEDDURATION|CONDITION"
    ),
    "configmaps": _same("NAME|DATA|AGE"),
    "controllerrevisions": _same("NAME|CONTROLLER|REVISION|AGE"),
    "cronjobs": _more(
        "NAME|SCHEDULE|TIMEZONE|SUSPEND|ACTIVE|LAST SCHEDULE|AGE", f"{_TEMPLATE}|SELECTOR"
    ),
    "csidrivers": _same(
        "NAME|ATTACHREQUIRED|PODINFOONMOUNT|STORAGECAPACITY|TOKENREQUESTS|REQUIRESREPUBLISH"
        "|MODES|AGE"
    ),
    "csinodes": _same("NAME|DRIVERS|AGE"),
    "csistoragecapacities": _same("NAME|STORAGECLASSNAME|CAPACITY"),
    "customresourcedefinitions": _CREATED,
    "daemonsets": _more(
        "NAME|DESIRED|CURRENT|READY|UP-TO-DATE|AVAILABLE|NODE SELECTOR|AGE",
        f"{_TEMPLATE}|SELECTOR",
    ),
    "deployments": _more("NAME|READY|UP-TO-DATE|AVAILABLE|AGE", f"{_TEMPLATE}|SELECTOR"),
    "deviceclasses": _AGE,
    "endpoints": _same("NAME|ENDPOINTS|AGE"),
    "endpointslices": _same("NAME|ADDRESSTYPE|PORTS|ENDPOINTS|AGE"),
    "events": _EVENT,
    "events.events.k8s.io": _EVENT,
    "flowschemas": _same("NAME|PRIORITYLEVEL|MATCHINGPRECEDENCE|DISTINGUISHERMETHOD|AGE|MISSINGPL"),
    "horizontalpodautoscalers.v1.autoscaling": _same(_AUTOSCALER),
    "horizontalpodautoscalers.v2.autoscaling": _same(_AUTOSCALER),
    "ingressclasses": _same("NAME|CONTROLLER|PARAMETERS|AGE"),
    "ingresses": _same("NAME|CLASS|HOSTS|ADDRESS|PORTS|AGE"),
    "ipaddresses": _same("NAME|PARENTREF|AGE"),
    "jobs": _more("NAME|STATUS|COMPLETIONS|DURATION|AGE", f"{_TEMPLATE}|SELECTOR"),
    "leases": _same("NAME|HOLDER|AGE"),
    "limitranges": _CREATED,
    "mutatingadmissionpolicies": _same("NAME|MUTATIONS|PARAMKIND|AGE"),
    "mutatingadmissionpolicybindings": _same("NAME|POLICYNAME|PARAMREF|AGE"),
    "mutatingwebhookconfigurations": _same("NAME|WEBHOOKS|AGE"),
    "namespaces": _same("NAME|STATUS|AGE"),
    "networkpolicies": _same("NAME|POD-SELECTOR|AGE"),
    "nodes": _more(
        "NAME|STATUS|ROLES|AGE|VERSION",
        "INTERNAL-IP|EXTERNAL-IP|OS-IMAGE|KERNEL-VERSION|CONTAINER-RUNTIME",
    ),
    "persistentvolumeclaims": _more(
        "NAME|STATUS|VOLUME|CAPACITY|ACCESS MODES|STORAGECLASS|VOLUMEATTRIBUTESCLASS|AGE",
        "VOLUMEMODE",
    ),
    "persistentvolumes": _more(
        "NAME|CAPACITY|ACCESS MODES|RECLAIM POLICY|STATUS|CLAIM|STORAGECLASS"
        "|VOLUMEATTRIBUTESCLASS|REASON|AGE",
        "VOLUMEMODE",
    ),
    "poddisruptionbudgets": _same("NAME|MIN AVAILABLE|MAX UNAVAILABLE|ALLOWED DISRUPTIONS|AGE"),
    "pods": _more("NAME|READY|STATUS|RESTARTS|AGE", "IP|NODE|NOMINATED NODE|READINESS GATES"),
    "podtemplates": _same("NAME|CONTAINERS|IMAGES|POD LABELS"),
    "priorityclasses": _same("NAME|VALUE|GLOBAL-DEFAULT|AGE|PREEMPTIONPOLICY"),
    "prioritylevelconfigurations": _same(
        "NAME|TYPE|NOMINALCONCURRENCYSHARES|QUEUES|HANDSIZE|QUEUELENGTHLIMIT|AGE"
    ),
    "replicasets": _more("NAME|DESIRED|CURRENT|READY|AGE", f"{_TEMPLATE}|SELECTOR"),
    "replicationcontrollers": _more("NAME|DESIRED|CURRENT|READY|AGE", f"{_TEMPLATE}|SELECTOR"),
    "resourceclaims": _same("NAME|STATE|AGE"),
    "resourceclaimtemplates": _AGE,
    "resourcequotas": _same("NAME|REQUEST|LIMIT|AGE"),
    "resourceslices": _same("NAME|NODE|DRIVER|POOL|AGE"),
    "rolebindings": _BINDING,
    "roles": _CREATED,
    "runtimeclasses": _same("NAME|HANDLER|AGE"),
    "secrets": _same("NAME|TYPE|DATA|AGE"),
    "serviceaccounts": _same("NAME|SECRETS|AGE"),
    "servicecidrs": _same("NAME|CIDRS|AGE"),
    "services": _more("NAME|TYPE|CLUSTER-IP|EXTERNAL-IP|PORT(S)|AGE", "SELECTOR"),
    "statefulsets": _more("NAME|READY|AGE", _TEMPLATE),
    "storageclasses": _same(
        "NAME|PROVISIONER|RECLAIMPOLICY|VOLUMEBINDINGMODE|ALLOWVOLUMEEXPANSION|AGE"
    ),
    "definitions": _same("NAME|KIND|VERSIONS|ESTABLISHED|AGE"),
    "apiservices": _same("NAME|SERVICE|AVAILABLE|AGE"),
    "validatingadmissionpolicies": _same("NAME|VALIDATIONS|PARAMKIND|AGE"),
    "validatingadmissionpolicybindings": _same("NAME|POLICYNAME|PARAMREF|AGE"),
    "validatingwebhookconfigurations": _same("NAME|WEBHOOKS|AGE"),
    "volumeattachments": _same("NAME|ATTACHER|PV|NODE|ATTACHED|AGE"),
    "volumeattributesclasses": _same("NAME|DRIVERNAME|AGE"),
}
"""What kubectl heads each kind's table with, and with ``-o wide``
(``k8s.io/kubernetes/pkg/printers/internalversion/printers.go``)."""


@pytest.mark.parametrize("word", sorted(HEADINGS))
def test_a_kind_has_the_columns_of_kubectl(word: str) -> None:
    """The headings and their order are kubectl's, with and without ``-o wide``."""
    narrow, wide = (
        "|".join(column.name for column in columns.of(resource(word), wide=is_wide))
        for is_wide in (False, True)
    )
    assert (narrow, wide) == HEADINGS[word]


def test_the_columns_of_every_kind_are_checked() -> None:
    """A new kind needs its line above; one whose objects are answered and not kept has no table."""
    assert {resource(word).message for word in HEADINGS} == {
        kind.message for kind in Catalog.shipped().resources if not kind.options.review
    }


def test_the_schema_and_the_client_compute_the_same_columns() -> None:
    """The schema names no column that the client cannot fill, and the client has none to spare."""
    named = {
        column.computed
        for kind in Catalog.shipped().resources
        for column in kind.columns
        if column.computed
    }
    assert named == computed.names()
    assert all(callable(computed.cell(name)) for name in named)
