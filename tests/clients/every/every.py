"""Checks objects as ``test_rules_everywhere`` gives them: every.py FILE; a line of answers each."""
# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import base64
import importlib
import sys
from pathlib import Path

import protovalidate
from google.protobuf import descriptor_pool, message_factory
from violations import paths

pool = descriptor_pool.Default()
for file in Path("gen/protocube").rglob("*_pb2.py"):
    importlib.import_module(".".join(file.relative_to("gen").with_suffix("").parts))
validator = protovalidate.Validator()
for line in Path(sys.argv[1]).read_text().splitlines():
    name, _, raw = line.partition(" ")
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    message = kind.FromString(base64.b64decode(raw))
    found = [one.proto for one in validator.collect_violations(message)]
    said = [f"{path} {one.rule_id}" for one in found for path in paths(kind.DESCRIPTOR, one)]
    print("; ".join(sorted(said)))
