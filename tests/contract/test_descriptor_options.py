"""What is read of options, whatever was imported when a descriptor parsed them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import protocube

_EARLY = """
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

pool = descriptor_pool.DescriptorPool()
files = descriptor_pb2.FileDescriptorSet.FromString(open({image!r}, "rb").read())
for file in files.file:
    pool.AddSerializedFile(file.SerializeToString())
message = pool.FindMessageTypeByName("protocube.core.v1.PodSpec")
kept = [message, *message.fields]
for descriptor in kept:
    descriptor.GetOptions()
message_class = message_factory.GetMessageClass(message)
"""
_READERS = {
    "the option itself": """
from protocube import descriptor_options
print(descriptor_options.api_field(message.fields_by_name["containers"]).merge_key)
""",
    "a strategic merge patch": """
from protocube.patching import merge_plans
print(merge_plans.of_message(message_class).find("containers").merge_key)
""",
    "field ownership": """
from protocube_server.kinds.ownership import schemas
print(*schemas.for_message(message_class).fields["containers"].schema.keys)
""",
}


@pytest.mark.parametrize("reader", _READERS)
def test_options_that_were_parsed_early_are_read(reader: str) -> None:
    """A program that looked at a descriptor before the extensions were known loses none of them."""
    image = str(Path(protocube.__file__).with_name("descriptors.binpb"))
    program = _EARLY.format(image=image) + _READERS[reader]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "name"
