"""A budget for small works 居民点单: residents approve projects, and equal shares stands beside the greedy rule.

In: projects with costs, approvals online and on paper. Out: which works are funded by each rule, and who gains and loses by the rule.
"""
