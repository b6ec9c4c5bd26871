"""Who may open which page, by app; see test_access.py."""
