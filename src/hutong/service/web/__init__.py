"""The design of the pages: templates, tokens, components, and the pages that belong to no stage."""
