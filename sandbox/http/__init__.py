"""The HTTP server: routes, access control, the browser page and the JSON API for people and for tests."""
