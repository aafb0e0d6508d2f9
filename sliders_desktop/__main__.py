"""`python -m sliders_desktop`: the same as the command `sliders-desktop`."""

import multiprocessing
import sys

if sys.platform == "win32":
    # torch must be loaded before Qt there: https://github.com/pytorch/pytorch/issues/166628
    import torch  # noqa: F401

from sliders_desktop.cli import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
