"""The site's signing key: a file that only the site can read, made on first use."""

from __future__ import annotations

from django.conf import settings

from hutong.act.ledger import SigningKey
from hutong.errors import HutongError


def signing_key() -> SigningKey:
    """Return the site's signing key; its name is the host of the site, with ``practice.`` before it on a practice site.

    Raises
    ------
    HutongError
        ``ledger-key`` if the file is no key.
    """
    path = settings.ENVIRONMENT.data / "ledger.key"
    if not path.exists():
        host = settings.ENVIRONMENT.origin.removeprefix("https://") or "hutong.localhost"
        host = f"practice.{host}" if settings.ENVIRONMENT.practice else host
        try:
            SigningKey.new(host).save(path)
        except HutongError as caught:
            if caught.code != "exists":  # another process made it at the same moment
                raise
    return SigningKey.load(path)
