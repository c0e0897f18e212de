"""The Bot API over HTTP, from `/bot<token>/<method>` to the JSON answer.

`dispatcher` runs a call, `request` reads its parameters, `methods` simulates the common methods and `catalogue`
answers the rest. `rate_limits`, `faults` and `call_log` act on every call.
"""
