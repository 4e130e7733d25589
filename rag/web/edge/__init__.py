"""What every request meets before the desk does: who it is from, whether it may come in, how much of it, and how often.

Plain ASGI middleware, one idea a file; ``server.build_app`` says in which order they stand.
"""
