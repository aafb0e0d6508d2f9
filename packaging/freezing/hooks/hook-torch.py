"""torch for PyInstaller, instead of the stock hook, which takes every module and test there is."""

from PyInstaller import isolated
from PyInstaller.utils.hooks import collect_dynamic_libs, copy_metadata, get_package_paths

# torch.utils._config_module and torch.jit read the source of what they are given.
module_collection_mode = "pyz+py"
warn_on_missing_hiddenimports = False


@isolated.decorate
def _imported_by_a_training_step() -> list[str]:
    """Much of torch is imported by name, and cannot be seen in its source."""
    import sys

    import torch

    weight = torch.nn.Parameter(torch.ones(2, 2))
    optimiser = torch.optim.AdamW([weight])
    (weight @ weight).sum().backward()
    torch.nn.utils.clip_grad_norm_([weight], 1.0)
    optimiser.step()
    return sorted(n for n in sys.modules if n.partition(".")[0] in ("torch", "sympy", "mpmath"))


hiddenimports = [*_imported_by_a_training_step(), "torch.utils.checkpoint"]
_, folder = get_package_paths("torch")
datas = copy_metadata("torch")
binaries = collect_dynamic_libs("torch", search_patterns=["*.dll", "*.dylib", "lib*.so*"])
binaries += [(f"{folder}/bin/torch_shm_manager*", "torch/bin")]
