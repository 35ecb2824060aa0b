"""The visitors, one a file, from the outermost to the source of a document."""
