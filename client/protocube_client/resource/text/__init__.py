"""From bytes to documents: YAML and JSON streams, split and read as kubectl reads them."""
