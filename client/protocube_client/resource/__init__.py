"""The path of a manifest, from a file to the server; one file a station.

The stations keep kubectl's names and order::

    builder ... do() -> result.visit -> ContinueOnErrorVisitor -> DecoratedVisitor
      -> FlattenListVisitor -> EagerVisitorList -> FileVisitor -> StreamVisitor
      -> mapper.info_for_data(raw, source) -> fn(info) -> helper.create -> request -> server

Begin with :mod:`protocube_client.resource.builder`; ``visitors/`` has the visitors. Behind
the stations stand

- the text: ``text_stream`` (bytes to text), ``documents`` (text to documents), for YAML
  ``yaml_chunks``, ``yaml_values``, ``yaml_budget`` and ``scalars``, for JSON
  ``json_documents``, ``json_values`` and ``json_faults``, for both ``document``,
  ``numbers`` and ``limits``;
- the time: ``flight`` (many objects under way, with the outcome of one after the other)
  and ``blocking`` (pipes and web servers that keep us waiting);
- the types: ``kinds`` (which resource is meant), ``decode`` with ``field_plans`` and
  ``field_values`` (JSON data to messages), ``report`` (what did not fit);
- the words: ``error_text``, ``source_errors``, ``aggregate``, and the ``go_*`` modules,
  each of which speaks as one piece of Go does.

Nothing is imported here, because a command line pays for every import.
"""
