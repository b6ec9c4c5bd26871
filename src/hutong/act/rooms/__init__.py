"""Rooms that an operator may take on 可租用的房屋: what is known of each, what its lease pays, and how fees were collected around it.

In: an office's form, a row a room. Out: rooms with holder, defects, fire acceptance, utilities, terms and rent; the uses that
dated lists allow; what ending a lease early pays; fees by estate, so that no household shows.
"""

from hutong.act.rooms.fees import FeeLine, FeeYear, fees_by_estate, fees_form, read_fees
from hutong.act.rooms.money import Ending, ending
from hutong.act.rooms.room import FIRE, HOLDERS, Room, licensable, read_rooms, rooms_form

__all__ = [
    "FIRE",
    "HOLDERS",
    "Ending",
    "FeeLine",
    "FeeYear",
    "Room",
    "ending",
    "fees_by_estate",
    "fees_form",
    "licensable",
    "read_fees",
    "read_rooms",
    "rooms_form",
]
