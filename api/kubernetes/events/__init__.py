"""Kubernetes' Events, in both of their groups: whatever is recorded of labs is told as one.

Everything here speaks of Events as the core group writes them; the other group's names are put
on at the edge.
"""
