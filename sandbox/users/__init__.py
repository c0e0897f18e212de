"""What people do in their apps: write and tap (`actions`), inline mode, groups and payments.

Each action changes the world and queues the updates that bots receive for it.
"""
