"""``python -m cli`` is ``sidegrade``."""

from cli.main import main

if __name__ == "__main__":
    main()
