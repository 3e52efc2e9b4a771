"""GraphQL, MQE, metadata, topology and the page."""
