"""What is signed about a version: by the responsible planner, the experts and the district."""
