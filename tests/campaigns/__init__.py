"""What takes minutes: the promises held while processes are killed, stopped and starved."""
