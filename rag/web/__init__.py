"""The web server and its pages: the only part of ``rag`` that knows Gradio, FastAPI and HTML.

Its layers, bottom up; each imports only from those before it:

- text_runs, templating, answer_cache, internals: what pages are made of
- responses, then middleware and idle: what every request passes
- auth, service: who may do what, and what is answered from
- pages, chat, then check, operator, staff, loader: the routes, and what loads the library
- shutdown, health, server, route_audit: the process
"""

import os

# Gradio reads this while it is imported: without it, it asks another host for its newest version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
