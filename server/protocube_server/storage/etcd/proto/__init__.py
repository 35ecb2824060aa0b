"""etcd's messages and stubs, generated from our trimmed copies of its .proto files."""
