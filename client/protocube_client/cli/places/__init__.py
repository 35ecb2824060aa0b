"""Where in a manifest a fault is: file, document, line and column, with the text there."""
