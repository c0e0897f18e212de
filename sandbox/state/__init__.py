"""The simulated Telegram's state: accounts, chats, messages and files, its clock and its feed of changes.

`world` holds and changes everything, `model` has its types, `events` publishes each change. `state_store` keeps it on
disk, `snapshots` in memory.
"""
