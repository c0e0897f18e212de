"""Notifications on their way out: `kinds` has one type per kind, with what it says; `outbox` the states from claim to
outcome; `send_slots` the rate that several processes keep together."""
