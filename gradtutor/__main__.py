"""``python -m gradtutor`` is the command line."""

from gradtutor.cli import main

if __name__ == "__main__":
    main()
