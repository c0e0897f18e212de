"""How messages go out: the notification sender with its rate limit and retries, and the updater of shared cards."""
