"""What anyone may check about a round (R39): how evenly its goods were shown.

Pure functions over counts; no member appears here.
"""
