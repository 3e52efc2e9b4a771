"""The HTTP API of Prometheus over the stored metrics, for Grafana and others that speak PromQL."""
