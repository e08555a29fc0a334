"""The pages, one module each; `varde.web.urls` gives them their addresses."""
