"""The desk: what is stuck, where, with whom and since when; tables that go out and come back; a briefing in Word.

In: what every stage says is waiting (``Stage.desk_items``), snapshots, checkups. Out: one list by the clock, answers to
findings, new draft snapshots from tables that came back, documents.
"""
