"""`python -m varde.cli` is `varde`."""

from varde.cli import main

if __name__ == "__main__":
    main()
