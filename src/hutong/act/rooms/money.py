"""What ending a lease early pays, by the terms that an office published for the room."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.act.rooms.room import Room
from hutong.errors import HutongError
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Ending:
    """What is paid in yuan when a lease ends after some months; None where the terms do not say.

    ``rent`` and ``fit_out`` are paid by the holder that ends it, ``left`` by the operator that leaves.
    """

    months: int
    rent: float | None
    fit_out: float | None
    left: float | None

    @property
    def holder_pays(self) -> float | None:
        """All that the holder pays; None where a part is not known."""
        return None if self.rent is None or self.fit_out is None else self.rent + self.fit_out


def ending(room: Room, fit_out_yuan: float, months: int) -> Ending:
    """Return what is paid when the lease of a room ends early.

    The fit-out is written off in a straight line over the lease: after ``months`` of it, ``fit_out_yuan ×
    (1 − months / months of the lease)`` is left, of which the holder pays the share that the terms name.

    Parameters
    ----------
    fit_out_yuan
        What the operator spent on the fit-out, ≥ 0.
    months
        Months that the lease ran, from 0 to its end.

    Raises
    ------
    HutongError
        ``bad-ending`` for sums or months out of range.
    """
    whole = None if room.lease_years is None else room.lease_years * 12
    if fit_out_yuan < 0 or months < 0 or (whole is not None and months > whole):
        raise HutongError(
            "bad-ending",
            Text("装修金额或月数不合适。", "The fit-out or the months do not fit."),
            Text("金额不小于 0，月数在租期之内。", "Give a sum of at least 0, and months within the lease."),
        )
    rent = room.rent_yuan_month
    share = None if room.end_fit_out_percent is None else room.end_fit_out_percent / 100
    kept = None if whole is None else fit_out_yuan * (1 - months / whole)
    return Ending(
        months,
        None if rent is None or room.end_months is None else rent * room.end_months,
        0.0 if fit_out_yuan == 0 else None if share is None or kept is None else share * kept,
        None if rent is None or room.tenant_months is None else rent * room.tenant_months,
    )
