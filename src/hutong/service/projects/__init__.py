"""Projects, live: the library, stage gates with their papers, joint review, works and defects, duties to publish."""
