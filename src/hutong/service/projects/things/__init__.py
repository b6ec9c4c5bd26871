"""What lives under a project by a table of states: permits, defects, change orders; and what residents find on site."""
