"""Pure functions from values to screens, without I/O."""
