"""The loop that joins the steps, and the executors it runs on.

In: recordings and a workspace. Out: each recording exploited, written and registered, in the order given,
with the same result on any number of workers.
"""
