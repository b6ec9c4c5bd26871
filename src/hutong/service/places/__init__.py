"""Places: the tree from the city down to the building, in which every role and every object has its place."""
