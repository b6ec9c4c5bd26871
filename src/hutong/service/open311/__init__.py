"""Open311 GeoReport v2: other programs report and read requests in the form that cities share."""
