"""Standing bodies: councils, task forces 专班 and five-party round tables 五方联动, with what they promised and who acted with whom.

In: seats by office, meetings with attendance online and on paper, commitments, matters passed up and down a level.
Out: public minutes, clocks, draws held in public, and the network of who acted with whom, computed from the record.
"""
