"""The floor-area account of a district, live."""
