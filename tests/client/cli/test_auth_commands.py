"""``auth can-i``, ``whoami``, ``why`` and ``namespaces`` on a server with roles."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.authorization.ruled import bind, role, rule, ruled
from tests.client.command_line import CommandLine, Done

if TYPE_CHECKING:
    from pathlib import Path

UNFOUND = "Warning: the server doesn't have a resource type 'widgets'\n\n"


async def test_commands_about_rights(tmp_path: Path) -> None:
    """Yes with the exit code 0, no with 1; what is odd is warned of; why, and where."""
    async with ruled(tmp_path) as server:
        admin = await server.caller("admin")
        for namespace in ("dev", "ops"):
            await admin.create(admin.make("ns", namespace))
        deployments = rule("update", "deployments/scale", group="apps")
        await role(admin, "reader", rule("get,list", "pods"), deployments)
        await role(admin, "one", rule("get", "secrets", "db"))
        await bind(admin, "alice", "ClusterRole", "reader", namespace="dev")
        await bind(admin, "alice", "ClusterRole", "reader", namespace="ops", binding="same")
        await bind(admin, "alice", "ClusterRole", "one")
        await bind(admin, "bob", "ClusterRole", "missing", namespace="dev")
        home = {"HOME": str(tmp_path), "PROTOCUBE_SERVER": server.address}

        async def run(words: str, user: str = "alice") -> Done:
            line = CommandLine(environ=home | {"PROTOCUBE_TOKEN": user})
            return await asyncio.to_thread(line, "auth", *words.split())

        def yes(err: str = "") -> Done:
            return Done(code=0, out="yes\n", err=err)

        def no(err: str = "", why: str = "") -> Done:
            return Done(code=1, out=f"no{why}\n", err=err)

        for words, wanted in {
            "can-i list pods -n dev": yes(),
            "can-i list po -n dev": yes(),
            "can-i list pods": no(),
            "can-i list pods -A": no(),
            "can-i get secret/db": yes(),
            "can-i get secrets": no(),
            "can-i update deployments.apps --subresource=scale -n dev": yes(),
            # As in kubectl, what stands behind a slash is a name.
            "can-i get pods/log -n dev": yes(),
            "can-i get pods --subresource=log -n dev": no(),
            "can-i get nodes": no("Warning: resource 'nodes' is not namespace scoped\n\n"),
            "can-i list widgets": no(UNFOUND),
            "can-i fly widgets": no(f"{UNFOUND}Warning: verb 'fly' is not a known verb\n\n"),
            "can-i list widgets.apps": no(
                "Warning: the server doesn't have a resource type 'widgets' in group 'apps'\n\n"
            ),
            "can-i fly * -A": no(),
            "can-i impersonate users -A": no(),
            "can-i list pods -q": Done(code=1, out="", err=""),
            "can-i list pods -q -n dev": Done(code=0, out="", err=""),
            "can-i call /protocube.discovery.v1.Discovery/ListResources": yes(),
            "can-i fly /x": no("Warning: verb 'fly' is not a known verb\n\n"),
            "can-i get pods --no-headers": Done(
                code=1,
                out="",
                err="error: --no-headers cannot be set without --list specified\n",
            ),
            "namespaces list pods": Done(code=0, out="dev\nops\n", err=""),
            "namespaces get secrets/db": Done(code=0, out="*\n", err=""),
            "namespaces delete pods": Done(code=1, out="", err="in no namespace\n"),
            "why list pods -n dev": Done(
                code=0,
                out='yes - RBAC: allowed by RoleBinding "alice-reader/dev" of ClusterRole "reader" '
                'to User "alice"\n',
                err="",
            ),
        }.items():
            assert await run(words) == wanted, words
        missing = ' - RBAC: clusterrole.rbac.authorization.k8s.io "missing" not found'
        assert await run("can-i list pods -n dev", "bob") == no(why=missing)
        why = await run("why delete pods -n prod")
        assert (why.code, why.out) == (
            1,
            (
                'no - user "alice" (groups: "devs", "system:authenticated") cannot delete pods '
                'in the namespace "prod"\n'
                "Nearest:\n"
                '  RoleBinding "alice-reader/dev" of ClusterRole "reader" to User "alice"\n'
                "    allows get,list on pods\n"
                '    but not the verb "delete", and it holds in the namespace "dev", '
                'not in "prod"\n'
                '  RoleBinding "same/ops" of ClusterRole "reader" to User "alice"\n'
                "    allows get,list on pods\n"
                '    but not the verb "delete", and it holds in the namespace "ops", '
                'not in "prod"\n'
            ),
        )
        why = await run("why get secrets/other")
        assert why.out.splitlines()[2:5] == [
            '  ClusterRoleBinding "alice-one" of ClusterRole "one" to User "alice"',
            "    allows get on secrets, named db",
            '    but not on the object "other"',
        ]
        why = await run("why get pods -n dev", "bob")
        assert why.out.splitlines()[2:] == [
            '  RoleBinding "bob-missing/dev" of ClusterRole "missing" to User "bob"',
            '    but the ClusterRole "missing" does not exist',
        ]
        assert (await run("why get pods --as=alice -n dev", "admin")).code == 0
        await admin.delete("clusterrolebinding", "system:discovery")
        listed = await run("can-i --list -n dev")
        assert listed == Done(
            code=0,
            out=(
                "Resources                                       Non-Resource URLs"
                "                 Resource Names   Verbs\n"
                "                                                "
                "[/protocube.access.v1.Access/*]   []               [call]\n"
                "selfsubjectreviews.authentication.k8s.io        []"
                "                                []               [create]\n"
                "selfsubjectaccessreviews.authorization.k8s.io   []"
                "                                []               [create]\n"
                "selfsubjectrulesreviews.authorization.k8s.io    []"
                "                                []               [create]\n"
                "pods                                            []"
                "                                []               [get list]\n"
                "secrets                                         []"
                "                                [db]             [get]\n"
                "deployments.apps/scale                          []"
                "                                []               [update]\n"
            ),
            err="",
        )
        bare = await run("can-i --list --no-headers -n dev")
        assert bare.out.split() == listed.out.partition("\n")[2].split()
        assert (await run("whoami")).out == (
            "ATTRIBUTE   VALUE\n"
            "Username    alice\n"
            "UID         alice\n"
            "Groups      [devs system:authenticated]\n"
        )
        assert (await run("whoami -o name")).out == (
            "selfsubjectreview.authentication.k8s.io/<unknown>\n"
        )
        assert (await run("whoami -o jsonpath={.status.userInfo.groups}")).out == (
            '["devs","system:authenticated"]'
        )


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    """The command line is refused before the server is asked."""
    line = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    two = (
        "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
        "See 'cubectl auth {} -h' for help and examples.\n"
    )
    for words, err in {
        "can-i": two.format("can-i"),
        "can-i get": two.format("can-i"),
        "why get": two.format("why"),
        "namespaces get": two.format("namespaces"),
        "namespaces get /x": "error: a path is in no namespace\n",
        "can-i get pods --list": "error: list option must be specified with no arguments\n",
        "can-i --list -A": "error: list option can't be specified with neither quiet, "
        "all-namespaces nor subresource options\n",
        "can-i get /x --subresource=y": (
            "error: --subresource can not be used with NonResourceURL\n"
        ),
        "whoami me": "error: unexpected arguments: [me]\n"
        "See 'cubectl auth whoami -h' for help and examples\n",
    }.items():
        done = line("auth", *words.split())
        assert (done.code, done.err) == (1, err), words
