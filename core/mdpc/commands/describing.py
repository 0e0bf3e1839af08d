"""`mdpc schema`: the configuration's format, for editors."""

from __future__ import annotations

from mdpc.commands.errors import told_in_words
from mdpc.commands.options import Format, OutputOption
from mdpc.commands.output import Output
from mdpc.escape import json_text
from mdpc.installed import channel_class, channel_types, connector_class, connector_types, installed_rules
from mdpc.settings.schema import Schema, schema_of


def schema(output: OutputOption = None) -> None:
    """Print the JSON Schema of the configuration, with all rules, connectors and channels that are installed.

    Editors complete and check with it, once the file begins with a line that names it: #:schema mdpc.schema.json

    Example: mdpc schema --output mdpc.schema.json
    """
    with told_in_words():
        Output(Format.JSON, output).write({Format.JSON: lambda: json_text(installed_schema()) + "\n"})


def installed_schema() -> Schema:
    """The schema with everything that is installed."""
    return schema_of(
        {name: connector_class(name).Settings for name in connector_types()},
        {name: channel_class(name).Settings for name in channel_types()},
        installed_rules(),
    )
