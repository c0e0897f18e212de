"""Tests that take minutes: processes are killed, paused or stopped, and servers fail."""
