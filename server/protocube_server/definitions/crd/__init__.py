"""The door of CustomResourceDefinitions: from schemas to messages, and what only schemas say."""
