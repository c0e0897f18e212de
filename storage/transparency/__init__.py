"""Queries about what anyone may read of a round (R39): public counts and totals, nothing of a member or of a case."""
