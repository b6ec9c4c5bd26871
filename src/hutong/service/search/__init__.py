"""Search 搜索: words in, what the reader may find out, by kind; two-character Chinese words are found.

Every app says what can be found (``Stage.findables``) and keeps it up where it writes (``search.services.put``). One
table holds the words as pairs of characters; SQLite's FTS5 and PostgreSQL's full-text search read the same pairs.
"""
