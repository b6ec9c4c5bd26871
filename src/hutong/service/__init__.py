"""The live service: the loop as a site that a quarter uses, in Django.

In: city folders, what people do. Out: pages, an API, downloads. One app per stage of the loop; in each, ``services``
is the only write path, ``policies`` says who may, ``selectors`` reads. Everything that can be computed is computed by
the packages below; this one holds what must live in a database. It is installed by ``pip install hutong[service]``.

``web`` (the design, the pages that belong to nobody) → ``places`` → ``accounts`` → ``jobs`` → ``twin`` → ``checkup``
"""
