"""How updates reach bots: `update_queue` answers getUpdates, `webhooks` posts to the bot's own server."""
