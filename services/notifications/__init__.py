"""Notifications on their way: `kinds` has one type per kind, which loads what it says from what is true when it is
sent; `outbox` claims rows for a sender and stores what became of them. Texts are in `handlers.views.notifications`.
"""
