"""Splitting an account: who belongs where, what ties the parts together, and the cheapest order of moving out.

`plan.of_snapshot` is the story: read resources and couplings, place every resource in a cell (workload x environment), list what
crosses the new walls, order the moves. `model` is what comes out; `reports.split` renders it.
"""
