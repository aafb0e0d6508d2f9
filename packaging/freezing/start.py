"""Runs first inside the frozen program."""

import os
import sys

if sys.platform == "linux":
    # The starter set this for itself. What the program starts, such as a browser for a link,
    # must find the system's libraries, not ours.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
