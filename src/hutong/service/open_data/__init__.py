"""Open data: what every app gives away of what is public, kept by the day, with a dictionary, a recipe and a licence.

In: the ``datasets`` of every stage. Out: dated editions of CSV, GeoJSON and Parquet files, each with its checksum; the
same date gives the same bytes, and :func:`services.differences` makes an edition again to show it.
"""
