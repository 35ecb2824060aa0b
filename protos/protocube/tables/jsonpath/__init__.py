"""JSONPath templates in kubectl's dialect (``k8s.io/client-go/util/jsonpath``).

Beside what other JSONPaths know, a template holds text, ``{range ...}{end}``, quoted
strings and unions; a missing key gives nothing. Its oddities are kept, too: people's
scripts know them. Two things are ours: what Go takes out of a map in no order comes
sorted by its key here, and a template with ``range`` works for a second object as well.
"""
