"""Exchange: two installations share a case, a scheme or indicators as one signed package (docs/exchange.md).

In: a published project, scheme version or checkup; or a package that somebody sends. Out: the package signed with the ledger's
key; of a received one whose it is, whether the signature holds, and what taking it would do, before it is done.
"""
