"""GraphQL: schema files and the resolvers of their fields, one module for each file."""
