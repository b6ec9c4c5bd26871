# The database itself refuses to change or delete what was recorded and sealed.

from django.db import migrations

TABLES = ("ledger_entry", "ledger_checkpoint")
MESSAGE = "the ledger is append-only"


def forbid(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION ledger_refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$ LANGUAGE plpgsql"
        )
        for table in TABLES:
            editor.execute(
                f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
            )
        return
    for table in TABLES:
        for what in ("UPDATE", "DELETE"):
            editor.execute(
                f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )


def allow(apps, editor):
    if editor.connection.vendor == "postgresql":
        for table in TABLES:
            editor.execute(f"DROP TRIGGER {table}_rows ON {table}")
            editor.execute(f"DROP TRIGGER {table}_whole ON {table}")
        editor.execute("DROP FUNCTION ledger_refuse()")
        return
    for table in TABLES:
        for what in ("update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_{what}")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
