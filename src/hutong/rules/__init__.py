"""See DESIGN: rules."""
