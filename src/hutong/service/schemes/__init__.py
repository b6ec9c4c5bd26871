"""Scheme studio 方案编制: schemes of a quarter are composed, weighed, compared, advised on, reviewed and published.

In: a checked snapshot, what implementers choose at each object, opinions. Out: versions that anyone can verify, what each
breaks and costs and who is likely to agree, the publication for consultation, and the scheme that was adopted.
"""
