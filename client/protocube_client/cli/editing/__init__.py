"""Objects in a person's editor, until what was saved can be taken or nothing was changed."""
