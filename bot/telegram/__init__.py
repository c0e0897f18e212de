"""The Bot API connection: session, HTTP client, error classification, redaction of secrets."""
