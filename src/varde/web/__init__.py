"""The pages: what each role sees when it signs in, and the service that serves them.

In: a signed-in person's choices, the warehouse's tables and the register's queues.
Out: HTML pages, SVG charts and downloads; nothing leaves but through `varde.publishing`.
"""

__all__: list[str] = []
