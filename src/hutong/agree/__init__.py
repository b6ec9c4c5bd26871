"""See DESIGN: agree."""
