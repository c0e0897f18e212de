"""Background jobs (imports, exports, posters): the worker that claims them and the handlers that do them."""
