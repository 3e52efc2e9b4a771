"""The laws of the language: one module each; ``oal.checks.laws`` lists them."""
