"""Settings are checked before anything starts."""

from __future__ import annotations

import stat

import pytest

from hutong.errors import HutongError
from hutong.service.environment import database, read_environment


def test_sqlite_is_the_default(tmp_path):
    env = read_environment({"HUTONG_DATA": str(tmp_path / "data")})
    assert env.database["NAME"] == str(tmp_path / "data" / "hutong.sqlite3")
    assert env.database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert not env.public
    assert "localhost" in env.hosts


def test_postgres(tmp_path):
    got = database("postgres://us%40er:p%2Fw@db.example:5433/hutong?sslmode=require", tmp_path)
    assert (got["USER"], got["PASSWORD"], got["HOST"], got["PORT"]) == ("us@er", "p/w", "db.example", "5433")
    assert got["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "bad-database-url"),
        ({"DATABASE_URL": "postgres://host"}, "bad-database-url"),
        ({"DATABASE_URL": "postgres://host:port/name"}, "bad-database-url"),
        ({"DATABASE_URL": "sqlite://relative"}, "bad-database-url"),
        ({"HUTONG_URL": "http://plain.example"}, "bad-url"),
        ({"HUTONG_URL": "https://site.example/path"}, "bad-url"),
        ({"HUTONG_SECRET_KEY": "short"}, "weak-secret-key"),
        ({"HUTONG_DATA": "/proc/nothing"}, "bad-data-folder"),
    ],
)
def test_what_is_wrong_is_said_in_words(settings, code, tmp_path):
    with pytest.raises(HutongError) as caught:
        read_environment({"HUTONG_DATA": str(tmp_path), **settings})
    assert caught.value.code == code
    assert caught.value.hint.zh
    assert caught.value.hint.en


def test_a_public_address_is_the_only_other_host(tmp_path):
    env = read_environment({"HUTONG_DATA": str(tmp_path), "HUTONG_URL": "https://site.example:8443/"})
    assert env.origin == "https://site.example:8443"
    assert env.hosts[0] == "site.example"


def test_the_secret_key_is_made_once_for_one_user(tmp_path):
    first = read_environment({"HUTONG_DATA": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert read_environment({"HUTONG_DATA": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
