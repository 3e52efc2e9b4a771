"""Server for SkyWalking Rover: eBPF access logs in, metrics of Kubernetes entities out."""
