"""Notifications on their way out: `kinds`, and `case_kinds` for brushing, have one type per kind, with what it says;
`registry` has all of them; `outbox` the states from claim to outcome; `send_slots` the rate that several processes keep
together."""
