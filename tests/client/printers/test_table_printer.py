"""Tables as kubectl prints them, from messages of the shipped kinds."""

from __future__ import annotations

import io
from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_client.printers.printable import Printable
from protocube_client.printers.table_printer import TableOptions, TablePrinter

NOW = 1_800_000_000.0
AN_HOUR_AGO = "2027-01-15T07:00:00Z"
CATALOG = Catalog.shipped()


def table(word: str, /, *manifests: dict[str, Any], **options: Any) -> str:
    """Return the table of ``manifests`` as it is an hour after :data:`AN_HOUR_AGO`."""
    resource = CATALOG.find(word)
    assert resource is not None
    objects = [
        Printable(
            resource=resource,
            message=json_format.ParseDict(manifest, resource.message_class()),
        )
        for manifest in manifests
    ]
    stream = io.StringIO()
    TablePrinter(resource, TableOptions(**options), clock=lambda: NOW).print(objects, stream)
    return stream.getvalue()


def meta(name: str, **more: Any) -> dict[str, Any]:
    """Return the metadata of an object that is an hour old."""
    return {"name": name, "namespace": "ns", "creationTimestamp": AN_HOUR_AGO, **more}


def test_columns_line_up_three_spaces_apart() -> None:
    """Each column is as wide as its widest cell and three spaces; the last is not padded."""
    given = table(
        "configmaps",
        {"metadata": meta("a-rather-long-name"), "data": {"a": "1"}, "binaryData": {"b": "AA=="}},
        {"metadata": meta("x")},
    )
    assert given == (
        "NAME                 DATA   AGE\n"
        "a-rather-long-name   2      60m\n"
        "x                    0      60m\n"
    )


def test_headings_can_be_left_out() -> None:
    """Without headings a column is still six characters wide at least, as in kubectl."""
    assert table("cm", {"metadata": meta("x")}, headers=False) == "x     0     60m\n"


def test_namespace_kind_and_labels_are_columns_on_demand() -> None:
    """``-A``, several kinds and ``--show-labels`` add to the table."""
    given = table(
        "deploy",
        {"metadata": meta("web", labels={"b": "2", "a": "1"}), "spec": {"replicas": 3}},
        namespace=True,
        kind=True,
        labels=True,
    )
    assert given == (
        "NAMESPACE   NAME                  READY   UP-TO-DATE   AVAILABLE   AGE   LABELS\n"
        "ns          deployment.apps/web   0/3     0            0           60m   a=1,b=2\n"
    )


def test_labels_can_have_columns() -> None:
    """Each label asked for is a column behind those of the kind; without it the cell is empty."""
    assert table(
        "cm",
        {"metadata": meta("a", labels={"app": "web"})},
        {"metadata": meta("b", labels={"example.com/tier": "front"})},
        label_columns=("app", "example.com/tier"),
    ) == (
        "NAME   DATA   AGE   APP   TIER\n"
        "a      0      60m   web   \n"
        "b      0      60m         front\n"
    )


def test_a_kind_outside_namespaces_has_no_namespace_column() -> None:
    """``-A`` changes nothing for a cluster-scoped kind."""
    given = table("ns", {"metadata": {"name": "a"}, "status": {"phase": "Active"}}, namespace=True)
    assert given == "NAME   STATUS   AGE\na      Active   <unknown>\n"


def test_what_is_missing_is_shown_as_none() -> None:
    """A path that leads nowhere and empty labels give ``<none>``."""
    given = table("secret", {"metadata": meta("s")}, labels=True)
    assert given == "NAME   TYPE     DATA   AGE   LABELS\ns      <none>   0      60m   <none>\n"


def test_a_later_call_goes_on_with_the_table() -> None:
    """A watch prints row after row: headings once, widths kept."""
    resource = CATALOG.find("cm")
    assert resource is not None
    stream = io.StringIO()
    printer = TablePrinter(resource, TableOptions(event=True), clock=lambda: NOW)
    for event, name in (("ADDED", "a-long-name"), ("DELETED", "b")):
        message = json_format.ParseDict({"metadata": meta(name)}, resource.message_class())
        printer.print_events([(event, Printable(resource=resource, message=message))], stream)
    assert stream.getvalue() == (
        "EVENT      NAME          DATA   AGE\n"
        "ADDED      a-long-name   0      60m\n"
        "DELETED    b             0      60m\n"
    )


def test_a_cell_is_one_line() -> None:
    """What follows a line break is cut, and escape characters are shown."""
    given = table(
        "events",
        {"metadata": meta("e"), "message": "one\ntwo", "reason": "\x1b[31m", "type": "Normal"},
    )
    assert given.endswith("\n<unknown>   Normal   ^[[31m            one...\n")


def test_an_event_has_the_columns_of_kubectl() -> None:
    """Events have neither name nor age in front, and count and source with ``wide``."""
    event = {
        "metadata": meta("web.1"),
        "involvedObject": {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{web}"},
        "type": "Warning",
        "reason": "BackOff",
        "message": " again ",
        "source": {"component": "kubelet", "host": "n1"},
        "firstTimestamp": AN_HOUR_AGO,
        "lastTimestamp": "2027-01-15T07:59:50Z",
        "count": 7,
    }
    assert table("ev", event) == (
        "LAST SEEN   TYPE      REASON    OBJECT    MESSAGE\n"
        "10s         Warning   BackOff   pod/web   again\n"
    )
    assert table("ev", event, wide=True).splitlines()[1].split() == [
        "10s", "Warning", "BackOff", "pod/web", "spec.containers{web}", "kubelet,", "n1", "again",
        "60m", "7", "web.1",
    ]  # fmt: skip


def test_a_wide_deployment_shows_containers_images_and_selector() -> None:
    """Lists are joined by commas, the selector has its short form."""
    spec = {
        "replicas": 1,
        "selector": {
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["b", "a"]},
                {"key": "old", "operator": "DoesNotExist"},
            ],
        },
        "template": {"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}},
    }
    line = table("deploy", {"metadata": meta("web"), "spec": spec}, wide=True).splitlines()[1]
    assert line.split()[5:] == ["a,b", "x,", "app=web,!old,tier", "in", "(a,b)"]


RUNNING = {"running": {"startedAt": AN_HOUR_AGO}}
CRASHED = {"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": AN_HOUR_AGO}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": AN_HOUR_AGO}}


def container(name: str, state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a container's status."""
    return {"name": name, "state": state, **more}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Pending"}, "0/1 Pending 0"),
        ({"phase": "Failed", "reason": "Evicted"}, "0/1 Evicted 0"),
        (
            {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}],
            },
            "0/1 SchedulingGated 0",
        ),
        (
            {"phase": "Running", "containerStatuses": [container("a", RUNNING, ready=True)]},
            "1/1 Running 0",
        ),
        (
            {
                "phase": "Running",
                "containerStatuses": [
                    container(
                        "a",
                        {"waiting": {"reason": "CrashLoopBackOff"}},
                        restartCount=4,
                        lastState=CRASHED,
                    )
                ],
            },
            "0/1 CrashLoopBackOff 4 (60m ago)",
        ),
        (
            {"phase": "Failed", "containerStatuses": [container("a", CRASHED)]},
            "0/1 Error 0",
        ),
        (
            {
                "phase": "Failed",
                "containerStatuses": [container("a", {"terminated": {"signal": 9}})],
            },
            "0/1 Signal:9 0",
        ),
        (
            {
                "phase": "Failed",
                "containerStatuses": [container("a", {"terminated": {"exitCode": 3}})],
            },
            "0/1 ExitCode:3 0",
        ),
        (
            {
                "phase": "Running",
                "containerStatuses": [
                    container("a", DONE),
                    container("b", RUNNING, ready=True),
                ],
            },
            "1/1 NotReady 0",
        ),
    ],
)
def test_a_pod_says_how_it_is(status: dict[str, Any], expected: str) -> None:
    """Ready, status and restarts follow from the containers as kubectl shows them."""
    pod = {"metadata": meta("p"), "spec": {"containers": [{"name": "a"}]}, "status": status}
    cells = table("pod", pod).splitlines()[1].split(maxsplit=1)[1]
    assert cells.rsplit(maxsplit=1)[0].split() == expected.split()


@pytest.mark.parametrize(
    ("init", "expected"),
    [
        ([container("i", RUNNING)], "0/2 Init:0/2"),
        ([container("i", DONE), container("s", {})], "0/2 Init:1/2"),
        ([container("i", CRASHED)], "0/2 Init:Error"),
        ([container("i", {"terminated": {"exitCode": 4}})], "0/2 Init:ExitCode:4"),
        ([container("i", {"waiting": {"reason": "ErrImagePull"}})], "0/2 Init:ErrImagePull"),
        (
            [container("i", DONE), container("s", RUNNING, started=True, ready=True)],
            "1/2 Pending",
        ),
    ],
)
def test_a_pod_says_how_far_its_init_containers_are(
    init: list[dict[str, Any]], expected: str
) -> None:
    """The first init container that holds the others up names the status; sidecars count."""
    pod = {
        "metadata": meta("p"),
        "spec": {
            "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}],
            "containers": [{"name": "a"}],
        },
        "status": {"phase": "Pending", "initContainerStatuses": init},
    }
    assert table("pod", pod).splitlines()[1].split()[1:3] == expected.split()


def test_a_pod_that_is_being_deleted_is_terminating() -> None:
    """Unless its node was lost, or it has ended anyway."""
    metadata = meta("p", deletionTimestamp=AN_HOUR_AGO)
    for status, expected in (
        ({"phase": "Running"}, "Terminating"),
        ({"phase": "Running", "reason": "NodeLost"}, "Unknown"),
        ({"phase": "Succeeded"}, "Succeeded"),
    ):
        line = table("pod", {"metadata": metadata, "status": status}).splitlines()[1]
        assert line.split()[2] == expected


def test_a_wide_pod_shows_where_it_runs() -> None:
    """Address, node, nominated node and readiness gates follow the age."""
    pod = {
        "metadata": meta("p"),
        "spec": {"nodeName": "n1", "readinessGates": [{"conditionType": "a"}]},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "conditions": [{"type": "a", "status": "True"}],
        },
    }
    heading, line = table("pod", pod, wide=True).splitlines()
    assert heading.split("   ")[-1] == "READINESS GATES"
    assert line.split()[4:] == ["60m", "10.0.0.1", "n1", "<none>", "1/1"]
