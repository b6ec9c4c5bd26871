"""The public ledger, live: acts of the site are recorded here, and anyone can read, download and verify them."""
