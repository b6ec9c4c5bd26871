"""Who must agree, live: rolls, votes, conditional signing, lease surrender and offers.

In: a roll from a file, what is asked, and what people answer online, by letter code, at the counter and on paper.
Out: counts by the law with their proof in the ledger, receipts, and what can follow. The arithmetic is ``hutong.agree``'s;
here lie storage, gates (role × place × phase × the database's clock), seals and the rule of two persons.
"""
