# The full-text index over the tokens: FTS5 kept up by triggers on SQLite, an expression index on PostgreSQL.

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(grams, content='search_document', content_rowid='id', tokenize='ascii')",
    (
        "CREATE TRIGGER search_fts_insert AFTER INSERT ON search_document BEGIN"
        " INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END"
    ),
    (
        "CREATE TRIGGER search_fts_delete AFTER DELETE ON search_document BEGIN"
        " INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); END"
    ),
    (
        "CREATE TRIGGER search_fts_update AFTER UPDATE OF grams ON search_document WHEN old.grams IS NOT new.grams BEGIN"
        " INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams);"
        " INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END"
    ),
)


def make(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE INDEX search_grams ON search_document USING gin (to_tsvector('simple', grams))"
        )
        return
    for statement in SQLITE:
        editor.execute(statement)


def drop(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX search_grams")
        return
    for name in ("insert", "delete", "update"):
        editor.execute(f"DROP TRIGGER search_fts_{name}")
    editor.execute("DROP TABLE search_fts")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
