"""Letters of a vote: a code for each holder, printed, and typed in place of an account."""
