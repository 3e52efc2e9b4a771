"""Connections to services, instances, endpoints and their relations."""
