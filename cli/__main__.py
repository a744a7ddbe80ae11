"""``python -m cli`` is ``sidegrade``."""

from cli.main import main

main()
