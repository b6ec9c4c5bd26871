"""See DESIGN: sense."""
