"""``python benchmarks/training DATA``: Pellucid and other tools, trained on the same images."""

import sys
from pathlib import Path

# Python puts this folder first, where its modules would have no package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

if __name__ == "__main__":
    from training.command import main

    main()
