"""What pages of homes are made from, made ready in the background."""
