"""List: pages of one revision, bounded in objects and in bytes."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.limits import Limits

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.conftest import Serve

EXACT = requests_pb2.RESOURCE_VERSION_MATCH_EXACT
NOT_OLDER = requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN
_AT_ONCE = 300


async def fill(api: Caller, names: list[str], **metadata: Any) -> list[Any]:
    """Create a ConfigMap for each name, a few hundred at once."""
    made: list[Any] = []
    for begin in range(0, len(names), _AT_ONCE):
        chunk = names[begin : begin + _AT_ONCE]
        wanted = [api.make("cm", metadata={"name": name, **metadata}) for name in chunk]
        made += await asyncio.gather(*map(api.create, wanted))
    return made


def names(page: Any) -> list[str]:
    """Return the names of a page."""
    return [item.metadata.name for item in page.items]


async def pages(api: Caller, word: str, **fields: Any) -> list[Any]:
    """Read all pages, from the first on."""
    found = [await api.list(word, **fields)]
    while token := found[-1].metadata.continue_token:
        fields.pop("resource_version", None)
        fields.pop("resource_version_match", None)
        found.append(await api.list(word, continue_token=token, **fields))
    return found


async def test_gives_objects_in_the_order_of_their_keys(api: Caller) -> None:
    """Each item is what Get gives; namespaces come in order, and names within them."""
    await api.create(api.make("ns", "alpha"))
    await fill(api, ["b", "a"])
    await fill(api, ["z"], namespace="alpha")
    page = await api.list("cm")
    assert names(page) == ["z", "a", "b"]
    assert (page.api_version, page.kind) == ("v1", "ConfigMapList")
    assert page.items[1] == await api.get("cm", "a")
    assert names(await api.list("cm", namespace="alpha")) == ["z"]


async def test_of_nothing_is_an_empty_list(api: Caller) -> None:
    """No objects, and no such namespace, are an empty list with a version."""
    for namespace in ("", "nope"):
        page = await api.list("cm", namespace=namespace)
        assert names(page) == []
        assert int(page.metadata.resource_version) > 0


async def test_a_namespace_is_not_a_prefix_of_another(api: Caller) -> None:
    """Listing ``a`` does not show what is in ``ab``."""
    for namespace in ("a", "ab"):
        await api.create(api.make("ns", namespace))
    await fill(api, ["x"], namespace="ab")
    assert names(await api.list("cm", namespace="a")) == []


async def test_carries_the_version_it_was_read_at(api: Caller) -> None:
    """The version is at least that of the last write before it."""
    last = (await fill(api, ["a"]))[0]
    page = await api.list("cm")
    assert int(page.metadata.resource_version) >= int(last.metadata.resource_version)


async def test_pages_are_of_one_version(api: Caller) -> None:
    """Writes between two pages do not show; every page names the version of the first."""
    await fill(api, ["a", "b", "c", "d", "e"])
    first = await api.list("cm", limit=2)
    assert names(first) == ["a", "b"]
    assert first.metadata.remaining_item_count == 3
    await api.delete("cm", "c")
    await fill(api, ["bb", "f"])
    second = await api.list("cm", limit=2, continue_token=first.metadata.continue_token)
    third = await api.list("cm", limit=2, continue_token=second.metadata.continue_token)
    assert names(second) == ["c", "d"]
    assert second.metadata.remaining_item_count == 1
    assert names(third) == ["e"]
    assert not third.metadata.continue_token
    assert not third.metadata.HasField("remaining_item_count")
    versions = {page.metadata.resource_version for page in (first, second, third)}
    assert len(versions) == 1
    assert names(await api.list("cm")) == ["a", "b", "bb", "d", "e", "f"]


async def test_a_full_last_page_has_no_token(api: Caller) -> None:
    """Exactly as many objects as the limit are one page."""
    await fill(api, ["a", "b"])
    assert not (await api.list("cm", limit=2)).metadata.continue_token


async def test_a_page_fits_into_one_message(api: Caller) -> None:
    """A stock client, which refuses messages above 4 MiB, reads 12 MB in pages."""
    value = "x" * 1_000_000
    wanted = [f"cm-{number:02}" for number in range(12)]
    for name in wanted:
        await api.create(api.make("cm", name, data={"k": value}))
    found = await pages(api, "cm")
    assert [name for page in found for name in names(page)] == wanted
    assert all(page.ByteSize() <= 4 * 1024 * 1024 for page in found)
    assert all(page.ByteSize() > 2_900_000 for page in found[:-1])
    assert [page.metadata.remaining_item_count for page in found[:-1]] == [8, 4]


async def test_many_small_objects_come_in_full_pages(serve: Serve) -> None:
    """Pages are filled up to the size of a message, whatever the store is read in."""
    small = Limits(response=64 * 1024)
    async with serve(limits=small) as api:
        wanted = [f"cm-{number:04}" for number in range(1500)]
        await fill(api, wanted)
        found = await pages(api, "cm")
        assert [name for page in found for name in names(page)] == wanted
        assert all(page.ByteSize() <= 64 * 1024 for page in found)
        assert all(page.ByteSize() > 40 * 1024 for page in found[:-1])


async def test_an_object_above_a_page_is_a_page(serve: Serve) -> None:
    """An object that alone exceeds what is aimed at is still given."""
    async with serve(limits=Limits(response=64 * 1024)) as api:
        for name in ("a", "b"):
            await api.create(api.make("cm", name, data={"k": "x" * 60_000}))
        assert [names(page) for page in await pages(api, "cm")] == [["a"], ["b"]]


class TestSelectors:
    """What is selected, and how it is paged."""

    @pytest.mark.parametrize(
        ("selector", "wanted"),
        [
            ("app=web", ["a", "b"]),
            ("app==web,tier!=back", ["a"]),
            ("tier in (back, front)", ["a", "b", "c"]),
            ("tier notin (back)", ["a", "d"]),
            ("app", ["a", "b", "c"]),
            ("!app", ["d"]),
            ("size>9", ["b"]),
            ("size<10", ["a"]),
            ("", ["a", "b", "c", "d"]),
        ],
    )
    async def test_by_label(self, api: Caller, selector: str, wanted: list[str]) -> None:
        """Labels select as in Kubernetes; an absent label is not one of any values."""
        await fill(api, ["a"], labels={"app": "web", "tier": "front", "size": "9"})
        await fill(api, ["b"], labels={"app": "web", "tier": "back", "size": "10"})
        await fill(api, ["c"], labels={"app": "db", "tier": "back"})
        await fill(api, ["d"])
        assert names(await api.list("cm", label_selector=selector)) == wanted

    async def test_by_field(self, api: Caller) -> None:
        """Name, namespace and the fields that a kind declares can be selected."""
        await api.create(api.make("secrets", "a", type="example.com/x"))
        await api.create(api.make("secrets", "b"))
        for selector, wanted in (
            ("type=example.com/x", ["a"]),
            ("type!=example.com/x", ["b"]),
            ("metadata.name=b,metadata.namespace=default", ["b"]),
            ("metadata.namespace=other", []),
        ):
            assert names(await api.list("secrets", field_selector=selector)) == wanted

    async def test_by_fields_of_a_selectable_message(self, api: Caller) -> None:
        """Events are found by the object that they are about."""
        for name in ("a", "b"):
            about = {"kind": "Pod", "name": name, "namespace": "default"}
            await api.create(api.make("events", name, involvedObject=about))
        selector = "involvedObject.kind=Pod,involvedObject.name=b"
        assert names(await api.list("events", field_selector=selector)) == ["b"]

    async def test_that_are_wrong_are_bad_requests(self, api: Caller) -> None:
        """The error says what was found where, in kubectl's words."""
        with pytest.raises(errors.BadRequest, match=r"^unable to parse requirement: found 'x'"):
            await api.list("cm", label_selector="a in x")
        with pytest.raises(
            errors.BadRequest, match=r'^"data.k" is not a known field selector: only'
        ):
            await api.list("cm", field_selector="data.k=v")
        with pytest.raises(
            errors.BadRequest, match=r"^field label not supported: spec\.containers$"
        ):
            await api.list("pods", field_selector="spec.containers=v")

    async def test_by_names_that_are_no_paths(self, api: Caller) -> None:
        """A field can have a name of its own; of two with one name the first that is set counts."""
        about = {"kind": "Pod", "name": "p", "namespace": "default"}
        for name, fields in (
            ("a", {"source": {"component": "x"}, "reportingComponent": "y"}),
            ("b", {"reportingComponent": "x"}),
        ):
            await api.create(api.make("events", name, involvedObject=about, **fields))
        assert names(await api.list("events", field_selector="source=x")) == ["a", "b"]
        assert names(await api.list("events", field_selector="source=y")) == []
        assert names(await api.list("events", field_selector="reportingComponent=y")) == ["a"]

    async def test_end_a_page_when_it_is_full(self, api: Caller) -> None:
        """What is behind a full page is not looked at, unless the object was named."""
        await fill(api, ["a", "b", "c"])
        page = await api.list("cm", limit=1, field_selector="metadata.name!=b,metadata.name!=c")
        assert (names(page), bool(page.metadata.continue_token)) == (["a"], True)
        rest = await api.list(
            "cm",
            limit=1,
            field_selector="metadata.name!=b,metadata.name!=c",
            continue_token=page.metadata.continue_token,
        )
        assert (names(rest), rest.metadata.continue_token) == ([], "")
        named = await api.list("cm", namespace="default", limit=1, field_selector="metadata.name=a")
        assert (names(named), named.metadata.continue_token) == (["a"], "")

    async def test_fill_pages_and_count_nothing(self, api: Caller) -> None:
        """A limit counts what is selected; how much remains is not known and not said."""
        await fill(api, [f"x{number}" for number in range(5)], labels={"on": "1"})
        await fill(api, [f"y{number}" for number in range(5)])
        await fill(api, [f"z{number}" for number in range(5)], labels={"on": "1"})
        found = await pages(api, "cm", limit=4, label_selector="on")
        assert [len(page.items) for page in found] == [4, 4, 2]
        assert not any(page.metadata.HasField("remaining_item_count") for page in found)


class TestVersions:
    """Which state is read."""

    async def test_exact_is_that_state(self, api: Caller) -> None:
        """An exact version gives the objects as they were then."""
        made = (await fill(api, ["a"]))[0]
        await fill(api, ["b"])
        version = made.metadata.resource_version
        page = await api.list("cm", resource_version=version, resource_version_match=EXACT)
        assert names(page) == ["a"]
        assert page.metadata.resource_version == version

    async def test_with_a_limit_and_no_match_is_exact(self, api: Caller) -> None:
        """A page of a version is of exactly that version: Kubernetes' rule for old clients."""
        made = (await fill(api, ["a"]))[0]
        await fill(api, ["b"])
        version = made.metadata.resource_version
        assert names(await api.list("cm", resource_version=version, limit=5)) == ["a"]
        assert names(await api.list("cm", resource_version=version)) == ["a", "b"]

    async def test_not_older_may_be_newer(self, api: Caller) -> None:
        """Anything from the version on will do."""
        made = (await fill(api, ["a"]))[0]
        await fill(api, ["b"])
        for version in ("0", made.metadata.resource_version):
            page = await api.list("cm", resource_version=version, resource_version_match=NOT_OLDER)
            assert names(page) == ["a", "b"]

    @pytest.mark.parametrize("match", [0, EXACT, NOT_OLDER])
    async def test_of_the_future_time_out(self, api: Caller, match: int) -> None:
        """A version that does not exist yet is not waited for."""
        now = int((await api.list("cm")).metadata.resource_version)
        with pytest.raises(errors.Timeout):
            await api.list("cm", resource_version=str(now + 9), resource_version_match=match)

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"continue_token": "x", "resource_version": "5"}, "not allowed when using continue"),
            ({"resource_version": "x"}, "invalid resource version: resourceVersion: Invalid"),
            ({"resource_version": "-1"}, "invalid resource version: resourceVersion: Invalid"),
            ({"resource_version_match": 99}, "unsupported resource_version_match 99: it is one of"),
        ],
    )
    async def test_that_make_no_sense_are_refused(
        self, api: Caller, fields: dict[str, Any], text: str
    ) -> None:
        """Options that contradict each other are told apart by name."""
        with pytest.raises(errors.BadRequest, match=text):
            await api.list("cm", **fields)

    @pytest.mark.parametrize(
        ("fields", "texts"),
        [
            ({}, ["is forbidden unless resourceVersion is provided"]),
            (
                {"continue_token": "x"},
                [
                    "is forbidden unless resourceVersion is provided",
                    "is forbidden when continue is provided",
                ],
            ),
            ({"resource_version": "0"}, [' "exact" is forbidden for resourceVersion "0"']),
        ],
    )
    async def test_that_a_match_contradicts_are_invalid(
        self, api: Caller, fields: dict[str, Any], texts: list[str]
    ) -> None:
        """All that is wrong with the match is told at once, as Kubernetes tells it."""
        with pytest.raises(errors.Invalid, match=r"^ListOptions\.meta\.k8s\.io") as caught:
            await api.list("cm", resource_version_match=EXACT, **fields)
        field = "resourceVersionMatch"
        assert [(item.field, item.reason, item.message) for item in caught.value.violations] == [
            (
                field,
                "FieldValueForbidden",
                f"Forbidden: {field}{'' if text[0] == ' ' else ' '}{text}",
            )
            for text in texts
        ]

    async def test_that_are_compacted_are_expired(self, serve: Serve) -> None:
        """An exact version that is forgotten is Expired, in Kubernetes' words."""
        async with serve(compact_interval=0.02) as api:
            (made,) = await fill(api, ["a"])
            await fill(api, ["b", "c"])
            at = {"resource_version": made.metadata.resource_version}
            said = r"^The resourceVersion for the provided list is too old\.$"
            with pytest.raises(errors.Expired, match=said):
                await _until_it_fails(api, resource_version_match=EXACT, **at)

    async def test_that_are_compacted_go_on_at_the_newest(self, serve: Serve) -> None:
        """The error of a page has a token for the rest, as it is now, in pages of one version."""
        async with serve(compact_interval=0.02, watch_cache=False) as api:
            await fill(api, ["a", "b", "d", "f"])
            token = (await api.list("cm", limit=2)).metadata.continue_token
            await fill(api, ["aa", "c"])
            await api.delete("cm", "d")
            with pytest.raises(errors.Expired, match="start a new list without the con") as caught:
                await _until_it_fails(api, limit=2, continue_token=token)
            rest = await api.list("cm", limit=1, continue_token=caught.value.continue_token)
            assert names(rest) == ["c"]
            assert rest.metadata.remaining_item_count == 1
            await fill(api, ["e"])
            last = await api.list("cm", continue_token=rest.metadata.continue_token)
            assert names(last) == ["f"]
            assert last.metadata.resource_version == rest.metadata.resource_version


async def _until_it_fails(api: Caller, **fields: Any) -> None:
    """List until it is refused."""
    async with asyncio.timeout(10):
        while True:
            await api.list("cm", **fields)


def token(version: object = "meta.k8s.io/v1", rv: object = 1, start: object = "default/a") -> str:
    """Return a continue token as a stranger would write it."""
    text = json.dumps({"v": version, "rv": rv, "start": start})
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "%%%",
        "\u00e9",
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":1,"start":"\\ud800"}').decode(),
        token(version="v2"),
        token(rv="1"),
        token(rv=0),
        token(rv=True),
        token(rv=1 << 70),
        token(start=""),
        token(start=5),
    ],
)
async def test_a_token_that_is_none_is_a_bad_request(api: Caller, given: str) -> None:
    """Whatever a client sends as a token, it is refused and not believed."""
    with pytest.raises(errors.BadRequest, match=r"^invalid continue token: continue key is not"):
        await api.list("cm", continue_token=given)


async def test_a_token_cannot_reach_out_of_its_collection(api: Caller) -> None:
    """A token that points elsewhere gives nothing but what the request may list."""
    await api.create(api.make("secrets", "hidden"))
    await api.create(api.make("ns", "other"))
    await fill(api, ["a"])
    await fill(api, ["b"], namespace="other")
    now = int((await api.list("cm")).metadata.resource_version)
    for start in ("/registry/secrets/default/", "\0", "default/", "other/", "zzz"):
        page = await api.list("cm", namespace="default", continue_token=token(rv=now, start=start))
        assert set(names(page)) <= {"a"}
