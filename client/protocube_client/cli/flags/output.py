"""``-o``: in which form objects are shown, and the printer that does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube.tables.jsonpath.finding import Template
    from protocube_client.printers.custom_columns import Column
    from protocube_client.printers.printable import Printer

_JSONPATH = frozenset({"jsonpath", "jsonpath-as-json", "jsonpath-file"})
_COLUMNS = frozenset({"custom-columns", "custom-columns-file"})
_PLAIN = frozenset({"json", "name", "yaml"})
# kubectl names these, and so do we; they are refused by name below.
_GO_TEMPLATES = frozenset({"go-template", "go-template-file", "template", "templatefile"})
_OF_OBJECTS = _PLAIN | _JSONPATH | _GO_TEMPLATES
_OF_TABLES = _OF_OBJECTS | _COLUMNS | {"wide"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A form of output that can be had."""

    name: str = ""
    """``json``, ``custom-columns``; ``wide`` or nothing for a table."""
    template: Template | None = None
    columns: tuple[Column, ...] = ()
    headers: bool = True
    managed_fields: bool = False

    @property
    def is_table(self) -> bool:
        """Objects are shown as rows of the kind's own columns."""
        return self.name in ("", "wide")

    @property
    def shows_objects(self) -> bool:
        """Objects are shown whole, or by a template."""
        return not self.is_table and self.name != "name"

    def printer(self, *, as_list: bool = False) -> Printer:
        """Return the printer of this form; tables have their own.

        ``as_list`` makes one List of what is printed at once.
        """
        if self.template is not None:
            from protocube_client.printers.jsonpath_printer import JsonPathPrinter

            as_json = self.name == "jsonpath-as-json"
            return JsonPathPrinter(self.template, as_json=as_json, as_list=as_list)
        if self.columns:
            from protocube_client.printers.custom_columns import CustomColumnsPrinter

            return CustomColumnsPrinter(self.columns, headers=self.headers)
        if self.name == "name":
            from protocube_client.printers.name_printer import NamePrinter

            return NamePrinter()
        printer = self._structured(as_list=as_list)
        if self.managed_fields:
            return printer
        from protocube_client.printers.managed_fields import OmitManagedFieldsPrinter

        return OmitManagedFieldsPrinter(printer)

    def _structured(self, *, as_list: bool) -> Printer:
        if self.name == "json":
            from protocube_client.printers.json_printer import JsonPrinter

            return JsonPrinter(as_list=as_list)
        from protocube_client.printers.yaml_printer import YamlPrinter

        return YamlPrinter(as_list=as_list)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFlags:
    """What was said of the form of output."""

    output: str = ""
    template: str = ""
    allow_missing_template_keys: bool = True
    show_managed_fields: bool = False

    def format(self, *, tables: bool, headers: bool = True) -> Format:
        """Return the form that was asked for. With ``tables`` there are columns of one's own.

        Raises :class:`CommandError` for a form that there is not, ``PrintError`` for a
        template that is wrong.
        """
        name, equals, argument = self.output.partition("=")
        if self.template:
            name, equals, argument = self.output or "go-template", "", self.template
        allowed = sorted(_OF_TABLES if tables else _OF_OBJECTS)
        with_argument = _OF_TABLES - _PLAIN - {"wide"}
        if (self.output or name) and (
            name not in allowed or (equals and name not in with_argument)
        ):
            raise CommandError(
                f"unable to match a printer suitable for the output format {quote(self.output)}, "
                f"allowed formats are: {','.join(allowed)}"
            )
        if name in _GO_TEMPLATES:
            raise CommandError(
                f"the output format {quote(name)} is not supported; "
                "use jsonpath, json, name or yaml"
            )
        return Format(
            name=name,
            template=self._template(name, argument) if name in _JSONPATH else None,
            columns=_columns(name, argument) if name in _COLUMNS else (),
            headers=headers or name == "custom-columns-file",
            managed_fields=self.show_managed_fields,
        )

    def _template(self, name: str, text: str) -> Template:
        from protocube.tables.jsonpath.finding import Template
        from protocube.tables.jsonpath.parser import TemplateError

        if not text:
            raise CommandError("template format specified but no template given")
        if name == "jsonpath-file":
            text = _read(text, f"error reading --template {text}")
        try:
            return Template(text, allow_missing=self.allow_missing_template_keys)
        except TemplateError as error:
            raise CommandError(f"error parsing jsonpath {text}, {error}") from None


def flags(*, tables: bool) -> list[Flag]:
    """Return the flags that :class:`OutputFlags` is made of."""
    forms = "json, yaml, name, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE, jsonpath-file=FILE"
    if tables:
        forms += ", wide, custom-columns=SPEC, custom-columns-file=FILE"
    names = sorted((_OF_TABLES if tables else _OF_OBJECTS) - _GO_TEMPLATES)
    return [
        Flag(
            ["-o", "--output"],
            default="",
            metavar="FORMAT",
            help=f"The form of output: {forms}.",
            values=tuple(names),
        ),
        Flag(
            ["--template"],
            default="",
            metavar="TEMPLATE",
            help="The template or file of -o jsonpath, -o jsonpath-file.",
        ),
        Switch(
            ["--allow-missing-template-keys"],
            default=True,
            help="A key of a template that is not there gives nothing; else an error.",
        ),
        Switch(["--show-managed-fields"], help="Keep managedFields in JSON and YAML."),
    ]


def take(flags: dict[str, object]) -> OutputFlags:
    """Take the output flags out of what click gave a callback."""
    return OutputFlags(**{name: flags.pop(name) for name in OutputFlags.__slots__})  # type: ignore[arg-type]  # click converted them


def _columns(name: str, argument: str) -> tuple[Column, ...]:
    from protocube_client.printers import custom_columns

    if not argument:
        raise CommandError("custom-columns format specified but no custom columns given")
    if name == "custom-columns":
        return custom_columns.from_spec(argument)
    return custom_columns.from_lines(_read(argument, f"error reading template {argument}"))


def _read(path: str, complaint: str) -> str:
    from protocube_client.resource.go import os as go_os

    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{complaint}, {go_os.describe(error, 'open', path=path)}") from None
    except UnicodeError:
        raise CommandError(f"{complaint}, it is not text in UTF-8") from None
