"""Python packages into a folder: the installer that travels with the program.

Runs only when the listener types the command that asks for it. It fetches from where this
computer's package sources say, and shows on the terminal what it does.
"""

from pathlib import Path


def install(requirement: str, folder: Path) -> bool:
    """Fetch ``requirement`` and what it needs into ``folder``; whether all of it is there now."""
    from pip._internal.cli.main import main

    return (
        main(
            [
                "install", "--disable-pip-version-check", "--no-input", "--no-compile",
                "--no-warn-script-location", "--only-binary", ":all:", "--target", str(folder),
                requirement,
            ]
        )
        == 0
    )  # fmt: skip
