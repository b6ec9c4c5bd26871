"""See DESIGN: evolve."""
