"""The commands, one module each with a ``register`` function that adds its commands to the application."""
