"""How many cores torch may use in this process; any thread, before the first model runs."""

import torch


def use_cores(count: int) -> None:
    """Let torch compute on ``count`` cores: fewer than all, where music and window go first."""
    torch.set_num_threads(max(1, count))
