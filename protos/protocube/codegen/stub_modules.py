"""What makes a folder of stubs a module that other projects require: go.mod, or an npm package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import protocube
from protocube.codegen import languages

_SUPPORT = Path(__file__).parent / "support" / "node"

GO_VERSION: Final = "1.25.0"
GO_REQUIRES: Final = {
    languages.GO_RULES.removesuffix("/buf/validate"): ("v1.36.11-20260709200747-435963d16310.1"),
    "google.golang.org/grpc": "v1.77.0",
    "google.golang.org/protobuf": "v1.36.11",
}
"""What generated Go imports, as tests/clients/go has it: the oldest that a project can have."""
NODE_REQUIRES: Final = {"@bufbuild/protobuf": "^2.17.0"}
"""What generated code needs, in the project that uses it: there must be one of it."""


def go_mod(module: str) -> str:
    """Return the text of go.mod."""
    requires = "".join(f"\t{path} {version}\n" for path, version in sorted(GO_REQUIRES.items()))
    return f"module {module}\n\ngo {GO_VERSION}\n\nrequire (\n{requires})\n"


def write_node_package(name: str, out: Path) -> None:
    """Write what is not generated of a package: its manifest, and what reads errors and rules."""
    for source in sorted(_SUPPORT.iterdir()):
        shutil.copyfile(source, out / source.name)
    manifest = {
        "name": name,
        "version": protocube.__version__,
        "description": "Stubs of a Protocube server's kinds",
        "license": "Apache-2.0",
        "type": "module",
        "sideEffects": False,
        "exports": {
            ".": {"types": "./index.d.ts", "default": "./index.js"},
            "./*.js": {"types": "./*.d.ts", "default": "./*.js"},
        },
        "types": "./index.d.ts",
        "engines": {"node": ">=20"},
        "peerDependencies": NODE_REQUIRES,
    }
    (out / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
