"""Relationships and values of nodes as columns of keys: what counts over all of a graph.

A store makes them of one version of its graph (``tables``); facets are counted over them, whichever
store it is (``facets``, ``counting``).
"""
