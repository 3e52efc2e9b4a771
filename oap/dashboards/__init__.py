"""Dashboard templates as files: reading, checking, seeding; and the menu that leads to them."""
