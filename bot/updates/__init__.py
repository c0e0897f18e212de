"""How updates come in: polling or webhook, identification of the sender, processing."""
