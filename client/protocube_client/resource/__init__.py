"""The path of a manifest, from a file to the server; one file a station.

The stations keep kubectl's names and order::

    builder ... do() -> result.visit -> ContinueOnErrorVisitor -> DecoratedVisitor
      -> FlattenListVisitor -> EagerVisitorList -> FileVisitor -> StreamVisitor
      -> mapper.info_for_data(raw, source) -> fn(info) -> helper.create -> request -> server

Begin with :mod:`protocube_client.resource.builder`; ``visitors/`` has the visitors. Behind
the stations stand

- ``text/``: bytes to documents, of YAML and of JSON; ``go/``: what Go does otherwise;
- the time: ``flight`` (many objects under way, with the outcome of one after the other),
  ``streamed`` (their writes in one stream), ``all_or_nothing`` (all at one moment)
  and ``blocking`` (pipes and web servers that keep us waiting);
- the types: ``kinds`` (which resource is meant); :mod:`protocube.manifests` makes messages;
- the words: ``error_text``, ``source_errors`` and ``aggregate``.

Nothing is imported here, because a command line pays for every import.
"""
