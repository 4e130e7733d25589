"""Inputs from outside on which the desk once failed, and others of the same kinds: a file of tests for each kind."""
