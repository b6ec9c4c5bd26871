# The database itself refuses to change or delete a ballot that was taken, or a version of a roll.

from django.db import migrations

TABLES = ("consent_cast", "consent_rollversion")
MESSAGE = "what was taken stays as it is"


def forbid(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION consent_refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$ LANGUAGE plpgsql"
        )
        for table in TABLES:
            editor.execute(
                f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION consent_refuse()"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse()"
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
        editor.execute("DROP FUNCTION consent_refuse()")
        return
    for table in TABLES:
        for what in ("update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_{what}")


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_ballots")]
    operations = [migrations.RunPython(forbid, allow)]
