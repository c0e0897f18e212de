"""Facts in, screens out. No I/O: what a view needs is in its arguments."""
