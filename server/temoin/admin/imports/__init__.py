"""Configurations of other consent tools, carried over into a draft, and in words what could not be."""
