"""The drawings themselves, one function for each good; every module lists its own in `DRAWINGS`."""
