"""torch for PyInstaller, instead of the stock hook, which takes every module and test there is."""

from PyInstaller.utils.hooks import collect_dynamic_libs, copy_metadata, get_package_paths

# torch.utils._config_module and torch.jit read the source of what they are given.
module_collection_mode = "pyz+py"
warn_on_missing_hiddenimports = False
hiddenimports = [
    # Imported by name, or from compiled code.
    "torch._dynamo", "torch._inductor.config", "torch._inductor.utils", "torch.distributed",
    "torch.testing._internal.logging_tensor", "torch.utils.checkpoint", "torch._numpy",
    "torch._prims", "torch._refs", "torch.fx.experimental.symbolic_shapes",
    "torch._higher_order_ops", "torch.onnx",
]  # fmt: skip

_, folder = get_package_paths("torch")
datas = copy_metadata("torch")
binaries = collect_dynamic_libs("torch", search_patterns=["*.dll", "*.dylib", "lib*.so*"])
binaries += [(f"{folder}/bin/torch_shm_manager*", "torch/bin")]
