"""The checkup 城市体检: a snapshot in; indicators with status and coverage, findings and changes out, for all to read."""
