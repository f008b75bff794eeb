"""Predictions in the window: a file in, a table to look at, a CSV file out."""
