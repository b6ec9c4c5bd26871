"""What the workers do again and again."""
