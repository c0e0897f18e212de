"""Tests of the detector of brushing."""
