"""The API: what is public, and what a machine with a token may do, as JSON described by OpenAPI at ``/api/v1``.

Each app states its routes in its ``api.py``; here they are put together, with errors in both languages, tokens for
machines, and the description as a page and as ``openapi.json``.
"""
