"""``python -m autocrine_abm`` is the command ``autocrine``."""

from autocrine_abm.cli import main

__all__ = []

if __name__ == "__main__":
    main()
