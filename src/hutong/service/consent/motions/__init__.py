"""The rule of two persons: one officer proposes, another of the same place carries out."""
