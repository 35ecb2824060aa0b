"""The rows of the table: what each holds, and what it should be."""

from __future__ import annotations

import dataclasses

from tests.bench.figures import ECHO, ETCD, SQLITE, STORE, Aim, Figure, Row

KUBECTL = "kubectl"
"""A subject of the command line's rows."""
IN_FLIGHT = (1, 32, 128)
GETS_IN_FLIGHT = 64
WATCHERS = (1, 100)
WRITERS = 32
DOCUMENTS = (1, 1_000, 10_000)
PAUSED, GET, LIST, PROCESS, MOST = "create-paused", "get", "list", "process", "process-most"
RIGHTS, WRITTEN, DEFINITIONS, POLICIES = "rights", "written", "definitions", "policies"
ASKED, CERTIFIED = "asked", "certified"
"""Keys of rows."""
MADE = ("made-configmap", "made-pod")
"""Keys of rows: what a create of each kind is made of."""
STAGES = {
    "parsed": "request parsed",
    "checked": "unknown fields, type, JSON",
    "stamped": "uid, time, wiped fields",
    "filled": "defaults",
    "admitted": "admission changes",
    "judged": "validation",
    "allowed": "admission refuses",
    "warned": "warnings",
    "encoded": "owners, bytes to store",
    "written": "way to the store",
    "answered": "answer",
}
"""Figures of those rows, in the order of the stages."""
CHANGES = ("update", "patch", "apply")
"""Keys of rows, and commands of the load generator."""
CHANGES_IN_FLIGHT = 64
CHANGED = (ETCD, SQLITE, ECHO)
"""What has objects to change; etcd itself has no parts of them."""
BULKS = ("bulk-configmap", "bulk-configmap-ids", "bulk-pod", "bulk-pod-ids")
"""Keys of rows: many writes in one stream, of each kind, without and with request ids."""
BESIDE = "get-beside-bulk"
SELECTIVE, SELECTIVE_WATCHES = ("selective", "selective-most"), "selective-watches"
"""Keys of rows: what selectors pass over, in as many objects as a list gives and in the most."""
RATIOS = "ratios"
"""Key of the row of figures that follow from others."""


def at_most(bound: float) -> Aim:
    """Return the aim of a figure that should be small."""
    return Aim(relation="<=", bound=bound)


def at_least(bound: float) -> Aim:
    """Return the aim of a figure that should be large."""
    return Aim(relation=">=", bound=bound)


def _calls(
    key: str,
    title: str,
    *,
    rate: Aim | None = None,
    p50: Aim | None = None,
    server: Aim | None = None,
    etcd: Aim | None = None,
) -> Row:
    return Row(
        key=key,
        title=title,
        figures=(
            Figure(key="rate", title="calls/s", aim=rate),
            Figure(key="p50", title="p50 ms", digits=2, aim=p50),
            Figure(key="p99", title="p99 ms", digits=2),
            Figure(key="server", title="server CPU us", aim=server),
            Figure(key="etcd", title="etcd CPU us", aim=etcd),
        ),
    )


def _watch(key: str, title: str, *, p50: Aim | None = None, whole: Aim | None = None) -> Row:
    return Row(
        key=key,
        title=title,
        figures=(
            Figure(key="rate", title="writes/s"),
            Figure(key="p50", title="sent-event p50", digits=1, aim=p50),
            Figure(key="p99", title="sent-event p99", digits=1),
            Figure(key="acknowledged", title="acked-event p50", digits=1),
            Figure(key="server", title="server CPU us"),
            Figure(key="etcd", title="etcd CPU us"),
            Figure(key="disconnected", title="disconnected", aim=whole),
            Figure(key="lost", title="lost, repeated", aim=whole),
        ),
        subjects=(ETCD, SQLITE, STORE),
    )


def _bulk(key: str, title: str, *, share: Aim | None, etcd: Aim | None = None) -> Row:
    return Row(
        key=key,
        title=f"bulk, one stream: {title}",
        figures=(
            Figure(key="rate", title="writes/s"),
            Figure(key="server", title="server CPU us"),
            Figure(key="share", title="of an echo", digits=2, aim=share),
            Figure(key="etcd", title="etcd CPU us"),
            Figure(key="etcd_share", title="of a create's", digits=2, aim=etcd),
        ),
        subjects=(ETCD, SQLITE),
    )


def _asked(key: str, call: str, *, bare: str, most: float) -> Row:
    return Row(
        key=key,
        title=f"{call}, where it is asked for and where it is ignored",
        figures=(
            Figure(key="bare", title=f"without {bare}, server CPU us"),
            Figure(key="ignored", title="ignored, server CPU us"),
            Figure(key="asked", title="with roles, server CPU us"),
            Figure(key="more", title="more, %", digits=1, aim=at_most(most)),
        ),
        subjects=(SQLITE,),
    )


def _made(key: str, what: str) -> Row:
    return Row(
        key=key,
        title=f"what a create of {what} is made of, without gRPC and store, CPU us",
        figures=(
            Figure(key="alone", title="all of a call", digits=1),
            *(Figure(key=key, title=title, digits=1) for key, title in STAGES.items()),
            Figure(key="between", title="between the stages", digits=1),
            Figure(key="rights", title="RBAC, more", digits=1),
            Figure(key="audit", title="audit, more", digits=1),
            Figure(key="bulk", title="all, in bulk", digits=1),
        ),
        subjects=(SQLITE,),
    )


def create(kind: str, in_flight: int) -> str:
    """Return the key of a row of creates."""
    return f"create-{kind}-{in_flight}"


def watch(watchers: int, writers: int) -> str:
    """Return the key of a row of watches; no writers: one that pauses."""
    return f"watch-{watchers}-{writers}"


def documents(count: int) -> str:
    """Return the key of a row of the command line."""
    return f"cli-{count}"


ROWS: tuple[Row, ...] = (
    _calls(create("configmap", 1), "create, alone", p50=at_most(1.5)),
    _calls(PAUSED, "create, alone, one every 15 ms"),
    _calls(create("configmap", 32), "create, 32 in flight"),
    _calls(
        create("configmap", 128),
        "create, 128 in flight",
        rate=at_least(3500),
        server=at_most(260),
        etcd=at_most(100),
    ),
    _calls(create("pod", 128), "create Pods, 128 in flight"),
    _calls(GET, f"get, {GETS_IN_FLIGHT} in flight", server=at_most(160)),
    Row(
        key=RATIOS,
        title="server CPU of calls, as parts of an echo's in the same run",
        figures=(
            Figure(key="configmap", title="create, 128 in flight", digits=2, aim=at_most(1.45)),
            Figure(key="pod", title="create Pods", digits=2, aim=at_most(2.2)),
            Figure(key="get", title="get, on etcd", digits=2, aim=at_most(0.98)),
            Figure(key="get-file", title="get, on SQLite", digits=2, aim=at_most(0.92)),
            Figure(
                key="file", title="create on SQLite, of server and etcd", digits=2, aim=at_most(1.1)
            ),
        ),
        subjects=(ETCD,),
    ),
    *(
        dataclasses.replace(_calls(key, title), subjects=CHANGED)
        for key, title in (
            ("update", f"update without a version, {CHANGES_IN_FLIGHT} in flight"),
            ("patch", f"merge patch, {CHANGES_IN_FLIGHT} in flight"),
            ("apply", f"apply of a partial message, {CHANGES_IN_FLIGHT} in flight"),
        )
    ),
    _bulk(BULKS[0], "ConfigMaps", share=at_most(0.25), etcd=at_most(0.45)),
    _bulk(BULKS[1], "ConfigMaps, with request ids", share=None),
    _bulk(BULKS[2], "Pods", share=at_most(0.7)),
    _bulk(BULKS[3], "Pods, with request ids", share=None),
    Row(
        key=BESIDE,
        title="get, one at a time, beside a bulk of ConfigMaps",
        figures=(
            Figure(key="p50", title="p50 ms", digits=2),
            Figure(key="p99", title="p99 ms", digits=2, aim=at_most(20)),
            Figure(key="rate", title="writes/s meanwhile"),
        ),
        subjects=(ETCD, SQLITE),
    ),
    Row(
        key=LIST,
        title="list every object, of 600 bytes each",
        figures=(
            Figure(key="objects", title="objects"),
            Figure(key="p50", title="ms at the client", digits=1, aim=at_most(40)),
            Figure(key="pages", title="messages"),
            Figure(key="megabytes", title="MB", digits=2),
            Figure(key="server", title="server CPU ms", digits=1),
            Figure(key="etcd", title="etcd CPU ms", digits=1),
        ),
    ),
    _watch(watch(1, 1), "watch, 1 watcher, 1 writer", p50=at_most(2)),
    _watch(watch(1, 0), "watch, 1 watcher, 1 writer that pauses 15 ms", p50=at_most(2)),
    _watch(watch(1, WRITERS), f"watch, 1 watcher, {WRITERS} writers unpaced"),
    _watch(
        watch(100, WRITERS),
        f"watch, 100 watchers, {WRITERS} writers unpaced",
        p50=at_most(50),
        whole=at_most(0),
    ),
    Row(
        key=PROCESS,
        title="the process: start and memory",
        figures=(
            Figure(key="ready", title="ready after s", digits=2, aim=at_most(0.6)),
            Figure(key="idle", title="idle MB", aim=at_most(80)),
            Figure(key="objects", title="after the list, MB", aim=at_most(120)),
        ),
        subjects=(ETCD, SQLITE, ECHO),
    ),
    Row(
        key=MOST,
        title="the process, with ten times as many objects",
        figures=(Figure(key="memory", title="after a list, MB"),),
        subjects=(ETCD, SQLITE),
    ),
    *(
        Row(
            key=key,
            title=f"selectors that choose a thousandth of {many} Pods, CPU us a Pod",
            figures=(
                Figure(key="label", title="app=x", digits=3, aim=at_most(1)),
                Figure(key="first", title="the same, at first", digits=3, aim=at_most(1)),
                Figure(key="values", title="app in (x,y),b!=z", digits=3, aim=at_most(1)),
                Figure(key="absent", title="app", digits=3, aim=at_most(1)),
                Figure(key="field", title="spec.nodeName=x", digits=3, aim=at_most(1)),
                Figure(key="name", title="metadata.name=x", digits=3, aim=at_most(1)),
                Figure(key="changed", title="app=x, and a write", digits=3, aim=at_most(1)),
                Figure(key="watch", title="watch begins", digits=3, aim=at_most(1)),
                Figure(key="delete", title="delete, dry run", digits=3, aim=at_most(1)),
                Figure(key="store", title="an old version", digits=2),
                Figure(key="memory", title="indexes, bytes"),
            ),
            subjects=(SQLITE,),
        )
        for key, many in zip(SELECTIVE, ("10,000", "100,000"), strict=True)
    ),
    Row(
        key=SELECTIVE_WATCHES,
        title="1,000 watches with selectors of their own, CPU us",
        figures=(
            Figure(key="alone", title="a patch without"),
            Figure(key="equal", title="more each, app=x", digits=2, aim=at_most(1)),
            Figure(key="listed", title="app in (x,y)", digits=2, aim=at_most(1)),
            Figure(key="other", title="x", digits=2, aim=at_most(4)),
        ),
        subjects=(SQLITE,),
    ),
    _asked(ASKED, "get with a token", bare="a token", most=3),
    _asked(CERTIFIED, "get by TLS with a certificate", bare="TLS", most=5),
    Row(
        key=RIGHTS,
        title="who calls and whether they may, 5,000 bindings, CPU us",
        figures=(
            Figure(key="identity", title="known by a token", digits=2, aim=at_most(1)),
            Figure(key="refused", title="refused", digits=2, aim=at_most(5)),
            Figure(key="allowed", title="allowed", digits=2, aim=at_most(5)),
            Figure(key="again", title="allowed again", digits=2, aim=at_most(1)),
        ),
        subjects=(SQLITE,),
    ),
    Row(
        key=WRITTEN,
        title="written down and sealed, 600 bytes, CPU us",
        figures=(
            # A twentieth of a create.
            Figure(key="audit", title="audit of a create", digits=1, aim=at_most(13)),
            Figure(key="gcm_seal", title="aesgcm seals", digits=1),
            Figure(key="gcm_open", title="aesgcm opens", digits=1),
            Figure(key="box_seal", title="secretbox seals", digits=1),
            Figure(key="box_open", title="secretbox opens", digits=1),
        ),
        subjects=(SQLITE,),
    ),
    _made(MADE[0], "a ConfigMap"),
    _made(MADE[1], "a Pod"),
    Row(
        key=POLICIES,
        title="a policy that lets a create through, CPU us",
        figures=(
            Figure(key="small", title="the first, 80 bytes", digits=1),
            Figure(key="small_more", title="each more", digits=1, aim=at_most(15)),
            Figure(key="large", title="the first, 10 kB", digits=1),
            Figure(key="large_more", title="each more", digits=1, aim=at_most(15)),
        ),
        subjects=(SQLITE,),
    ),
    Row(
        key=DEFINITIONS,
        title="kinds that users define",
        figures=(
            Figure(key="define", title="defined and served, ms", digits=1, aim=at_most(100)),
            Figure(
                key="create", title="create, times a ConfigMap's CPU", digits=2, aim=at_most(1.1)
            ),
            Figure(key="used", title="a kind in use, MB", digits=2, aim=at_most(0.6)),
            Figure(key="first", title="first use of a kind, ms", digits=1, aim=at_most(100)),
            Figure(key="ready-100", title="100 kinds: ready later, s", digits=2),
            Figure(key="memory-100", title="100 kinds: more MB", digits=1),
            Figure(key="ready-1000", title="1,000: ready later, s", digits=2, aim=at_most(2)),
            Figure(key="memory-1000", title="1,000: more MB", digits=1, aim=at_most(200)),
        ),
        subjects=(SQLITE,),
    ),
    *(
        Row(
            key=documents(count),
            title=f"{count:,} document{'s' if count > 1 else ''}, cubectl create -f",
            figures=(Figure(key="seconds", title="seconds", digits=3),),
            subjects=(ETCD, SQLITE, KUBECTL),
        )
        for count in DOCUMENTS
    ),
)
