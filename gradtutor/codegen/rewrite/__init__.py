"""Rewrites of a graph that keep its values, before it becomes a step."""
