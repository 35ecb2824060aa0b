"""The generator: services from descriptors, text from services, and nothing stale."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube.codegen import build, proto_text, service_names, services

ROOT = Path(__file__).parents[2] / "protos"


def test_regenerating_changes_no_byte() -> None:
    """What is committed is what the generator makes of the .proto files."""
    report = build.generate(ROOT, check=True)
    assert report.changed == ()
    assert {"protocube/descriptors.binpb", "protocube/bare_descriptors.binpb"} <= set(report.files)


def test_the_bare_image_lacks_comments_and_nothing_else() -> None:
    """A program that reads it knows the same kinds."""
    whole, bare = Catalog.shipped().files, Catalog.shipped(comments=False).files
    assert [file.name for file in whole] == [file.name for file in bare]
    for one, two in zip(whole, bare, strict=True):
        assert not two.HasField("source_code_info")
        copy = descriptor_pb2.FileDescriptorProto()
        copy.CopyFrom(one)
        copy.ClearField("source_code_info")
        # Read anew: options that were unknown when an image was read are not equal to known ones.
        read = [type(item).FromString(item.SerializeToString()) for item in (copy, two)]
        assert read[0] == read[1], one.name


def test_a_check_writes_nothing_and_a_run_repairs(tmp_path: Path) -> None:
    """Files that are stale, missing or no longer made are named, then put right."""
    shutil.copytree(ROOT, tmp_path / "protos")
    build.generate(tmp_path / "protos")
    folder = tmp_path / "protos" / "protocube" / "core" / "v1"
    (folder / "config_map_service.proto").unlink()
    (folder / "secret_service_pb2.py").write_text("stale")
    (folder / "left_over_pb2.py").write_text("")
    wrong = (
        "protocube/core/v1/config_map_service.proto",
        "protocube/core/v1/left_over_pb2.py",
        "protocube/core/v1/secret_service_pb2.py",
    )
    for check in (True, False):
        assert build.generate(tmp_path / "protos", check=check).changed == wrong
    assert build.generate(tmp_path / "protos", check=True).changed == ()
    assert not (folder / "left_over_pb2.py").exists()


def test_the_catalog_makes_the_services_that_are_missing() -> None:
    """Without service files, a catalog has the same services, methods and messages as with them."""
    shipped = Catalog.shipped()
    made = Catalog(file for file in shipped.files if not file.name.endswith("_service.proto"))
    assert len(made.files) == len(shipped.files)
    for ours, theirs in zip(made.resources, shipped.resources, strict=True):
        assert ours.service == theirs.service
        one, two = descriptor_pb2.FileDescriptorProto(), descriptor_pb2.FileDescriptorProto()
        ours.service_descriptor.file.CopyToProto(one)
        theirs.service_descriptor.file.CopyToProto(two)
        for file in (one, two):
            file.ClearField("source_code_info")
        assert one == two


@pytest.mark.parametrize(
    ("kind", "stem"),
    [
        ("Pod", "pod_service"),
        ("ConfigMap", "config_map_service"),
        ("CSIDriver", "csi_driver_service"),
        ("APIService", "api_service_service"),
        ("HTTPRoute", "http_route_service"),
        ("Ingress2Class", "ingress2_class_service"),
    ],
)
def test_files_are_called_after_the_kind(kind: str, stem: str) -> None:
    """CamelCase becomes snake_case, acronyms in one piece."""
    assert service_names.Names.of(kind, resource_pb2.Resource()).file_stem == stem


def test_names_follow_the_message() -> None:
    """Every name of a service follows from the message's and the option's."""
    names = service_names.Names.of("Ingress", resource_pb2.Resource(service="Ingresses"))
    assert (names.service, names.list, names.event) == ("Ingresses", "IngressList", "IngressEvent")
    assert (names.create_request, names.update_request, names.watch_response) == (
        "CreateIngressRequest",
        "UpdateIngressRequest",
        "IngressWatchResponse",
    )
    assert service_names.Names.of("Pod", resource_pb2.Resource()).service == "Pods"


def _service(**options: object) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="example/v1/ingress.proto", package="example.v1", syntax="proto3"
    )
    group_version = file.options.Extensions[group_version_pb2.group_version]
    group_version.group, group_version.version = 'a"b\\c', "v1"
    message = file.message_type.add(name="Ingress")
    resource = resource_pb2.Resource(plural="ingresses", service="Ingresses", **options)  # type: ignore[arg-type]  # rows differ
    message.options.Extensions[resource_pb2.resource].CopyFrom(resource)
    return services.service_file(file, message, resource)


def test_text_reads_like_prose() -> None:
    """The text has the article that fits, comments on everything, and escaped options."""
    text = proto_text.render(_service())
    assert text.startswith(f'{proto_text.HEADER}\nsyntax = "proto3";\n\npackage example.v1;\n')
    assert "// Creates an Ingress.\nmessage CreateIngressRequest {" in text
    assert (
        "  // The object; the server sets what it leaves out.\n  example.v1.Ingress object = 1;"
        in text
    )
    assert "  repeated example.v1.Ingress items = 4;" in text
    assert "  oneof patch {\n    // A JSON patch" in text
    assert "    example.v1.Ingress object = 6;\n  }\n" in text
    assert "service Ingresses {" in text
    assert "returns (stream example.v1.IngressWatchResponse);" in text
    assert r'option (protocube.api.v1.group_version) = {group: "a\"b\\c" version: "v1"};' in text
    assert "UpdateStatus" not in text
    lines = text.splitlines()
    for before, line in itertools.pairwise(lines):
        begins = line.startswith(("message", "service", "  ")) and line.strip() != "}"
        if begins and not line.lstrip().startswith("//"):
            assert before.lstrip().startswith("//"), line


def test_status_is_written_where_it_is_a_subresource() -> None:
    """UpdateStatus exists for kinds that declare it."""
    service = _service(subresources=[resource_pb2.SUBRESOURCE_STATUS]).service[0]
    assert "UpdateStatus" in [method.name for method in service.method]


@pytest.mark.parametrize("unconditional", [False, True])
@pytest.mark.parametrize("creating", [False, True])
def test_what_an_update_says_follows_from_the_options(
    *, unconditional: bool, creating: bool
) -> None:
    """Of what becomes of one without a version, and of one whose object is not there."""
    text = proto_text.render(
        _service(unconditional_update=unconditional, create_on_update=creating)
    )
    _, _, update = text.partition("message UpdateIngressRequest {\n")
    comment = update.partition("  example.v1.Ingress object")[0]
    assert ("without one it replaces what is there" in comment) is unconditional
    assert ("One that is missing is made." in comment) is creating
