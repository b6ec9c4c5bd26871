"""What each section of the page shows, prepared from results as plain dictionaries for the templates."""
