"""From a message with the resource option to its typed service and stubs."""
