"""Simulated rounds with and without brushing, by four generators that share nothing but the types here.

`market` draws everything from distributions; `street` lets people open the bot, page through cards and tell friends;
`town` is one queue of events, with the push, word of mouth, ballots, weekends and shifts of workers; `harbour` changes
conventions from world to world, and its operators have twists.
"""
