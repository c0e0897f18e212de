"""Property tests without a time limit for an example: a busy machine must not fail a rule."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
