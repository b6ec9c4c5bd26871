"""The tag of the neighbourhood."""
