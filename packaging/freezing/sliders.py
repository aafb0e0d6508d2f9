"""Where the frozen program begins: as `python -m sliders_desktop` does."""

import multiprocessing
import sys

from sliders_desktop.__main__ import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
