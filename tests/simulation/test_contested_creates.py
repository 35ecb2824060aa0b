"""Creates that lose a race: for the name, or against what becomes of their namespace."""

from __future__ import annotations

from typing import Any

import pytest

from protocube import errors
from protocube_server.kinds import object_names
from tests.simulation.contested import Contested

_JOB: dict[str, Any] = {
    "metadata": {"generateName": "job-"},
    "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}},
}
_JOB["spec"]["template"]["spec"]["containers"][0]["image"] = "x"


@pytest.fixture
async def server() -> Contested:
    """Provide a server over an empty store."""
    return await Contested.begin()


class TestGeneratedNames:
    """A create whose name the server chooses, and chooses again."""

    @pytest.fixture(autouse=True)
    def _names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names = iter(("job-taken", "job-free"))
        monkeypatch.setattr(object_names, "generate", lambda _: next(names))

    async def test_what_follows_from_the_name_is_of_the_second_one(self, server: Contested) -> None:
        """A Job's labels have its name and its uid: none of them may be of the first try."""
        await server.call("jobs", "Create", object={**_JOB, "metadata": {"name": "job-taken"}})
        made = await server.call("jobs", "Create", object=_JOB)
        assert made.metadata.name == "job-free"
        found = dict(made.spec.template.metadata.labels)
        assert found["batch.kubernetes.io/job-name"] == found["job-name"] == "job-free"
        assert found["controller-uid"] == made.metadata.uid
        assert dict(made.spec.selector.match_labels) == {
            "batch.kubernetes.io/controller-uid": made.metadata.uid
        }

    async def test_it_is_told_once_what_is_wrong(self, server: Contested) -> None:
        """A warning about the first try is not repeated for the second one."""
        await server.create("cm", "job-taken")
        wanted = {"metadata": {"generateName": "job-"}}
        made = await server.call("cm", "Create", object=wanted)
        assert made.metadata.name == "job-free"
        assert server.stored("cm", "job-taken").metadata.uid != made.metadata.uid


class TestNamespaces:
    """A create in a namespace that this server knows, and another one has deleted."""

    @pytest.fixture(params=["gone", "ending"])
    async def deleted(self, request: pytest.FixtureRequest, server: Contested) -> Contested:
        """Provide a server that does not know of the deletion yet."""
        await server.create("ns", "team")
        await server.create("cm", "known", metadata={"namespace": "team"})
        if request.param == "gone":
            server.others_delete("ns", "team")()
        else:
            server.others_change(
                "ns", "team", lambda message: message.metadata.deletion_timestamp.GetCurrentTime()
            )()
        return server

    @pytest.mark.parametrize("dry_run", [False, True], ids=["in-earnest", "as-a-dry-run"])
    async def test_nothing_is_created(self, deleted: Contested, *, dry_run: bool) -> None:
        """Nor is it said that it would be."""
        wanted = {"metadata": {"name": "a", "namespace": "team"}}
        with pytest.raises((errors.NotFound, errors.Forbidden), match="team"):
            await deleted.call("cm", "Create", object=wanted, dry_run=dry_run)
        assert deleted.stored("cm", "a", "team") is None

    @pytest.mark.parametrize("method", ["Apply", "Update"])
    async def test_nor_by_what_creates_what_is_missing(
        self, deleted: Contested, method: str
    ) -> None:
        """An apply, and an update of such a kind."""
        manifest = '{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"a"}}'
        options: dict[str, Any] = {"object": {"metadata": {"name": "a", "namespace": "team"}}}
        if method == "Apply":
            options = {"manifest": manifest, "namespace": "team", "field_manager": "m", "name": "a"}
        for dry_run in (True, False):
            with pytest.raises((errors.NotFound, errors.Forbidden), match="team"):
                await deleted.call("endpoints", method, dry_run=dry_run, **options)

    async def test_one_that_is_there_again_takes_objects(self, deleted: Contested) -> None:
        """Another namespace of the name is another guard."""
        deleted.others_delete("ns", "team")()
        await deleted.create("ns", "team")
        await deleted.create("cm", "a", metadata={"namespace": "team"})
        assert deleted.stored("cm", "a", "team") is not None

    async def test_a_change_of_it_is_no_hindrance(self, server: Contested) -> None:
        """The guard fails, and the namespace is looked at again."""
        await server.create("ns", "team")
        await server.create("cm", "known", metadata={"namespace": "team"})
        server.world.before_write(
            server.key("cm", "a", "team"), server.others_change("ns", "team", _labelled)
        )
        await server.create("cm", "a", metadata={"namespace": "team"})
        assert server.stored("cm", "a", "team") is not None


def _labelled(message: Any) -> None:
    message.metadata.labels["x"] = "y"
