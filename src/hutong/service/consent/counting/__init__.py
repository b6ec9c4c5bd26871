"""The count of a vote: what is kept of it, the list that proves it, and counting again."""
