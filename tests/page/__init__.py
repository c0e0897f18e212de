"""Browser tests of the local chat's page."""
