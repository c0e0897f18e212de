"""Simulated rounds with and without brushing, by two generators that share nothing but the types here.

`market` draws everything from distributions; `street` lets people open the bot, page through cards and tell friends.
"""
