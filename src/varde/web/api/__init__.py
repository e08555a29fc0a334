"""The open, read-only HTTP API of the guideline: what anyone may ask, without signing in.

In: a question with the day it is about. Out: objects as JSON, Markdown or HTML, or a problem that says
what was wrong and what to do. The addresses are in `varde.web.api.routes`.
"""
