"""The chat page: the only rooms of ``rag`` that know Gradio, FastAPI and HTML."""

import os

# Gradio reads this while it is imported: without it, it asks another host for its newest version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
