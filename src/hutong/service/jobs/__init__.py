"""Background work: what takes longer than a page may wait, with progress, retry, and a list of what is stuck.

An app registers its work by name in its ``work.py``::

    @work("twin.import", Text("导入快照", "Import a snapshot"))
    def import_city(job: Job, step: Progress, folder: str) -> str: ...  # returns the address of the result

and starts it with ``jobs.services.start("twin.import", place, user, folder=...)``.
"""
