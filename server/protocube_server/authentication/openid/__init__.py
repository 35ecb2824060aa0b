"""Tokens of OpenID Connect: Kubernetes' AuthenticationConfiguration, unchanged."""
