"""What stays out of the frozen program, and why. Names are those inside its folder."""

import re

# ── Python modules ───────────────────────────────────────────────────────────────────────────────

# Never imported by the program, while the analysis would follow them. torch's optimisers do import
# torch._dynamo, sympy and parts of torch._inductor, torch.onnx and torch.distributed: those stay.
EXCLUDED_MODULES = [
    # For making and judging encoders, from the sources only (`evaluate` says so).
    "sklearn", "scipy", "joblib", "threadpoolctl", "narwhals", "pandas", "matplotlib",
    # Of torch: compilers, exporters, tests and tools.
    "torch._inductor.codegen", "torch._inductor.fx_passes", "torch._inductor.kernel",
    "torch._inductor.autoheuristic", "torch._inductor.compile_fx",
    "torch.testing._internal.common_utils", "torch.testing._internal.common_methods_invocations",
    "torch.testing._internal.opinfo", "torch.testing._internal.distributed.rpc",
    "torch.utils.benchmark", "torch.utils.tensorboard", "torch.utils.bottleneck",
    "torch.utils.model_dump", "torch.distributed.pipelining", "torch.distributed.elastic",
    "torch.distributed.run", "torch.distributed.launch", "functorch", "triton",
    "networkx", "jinja2", "markupsafe", "expecttest", "tensorboard", "onnx", "onnxscript",
    # Of numba and numpy: the other device, tests and builders.
    "numba.cuda", "numba.tests", "numba.testing", "llvmlite.tests", "numpy.f2py",
    "numpy.distutils", "numpy.testing._private.extbuild",
    # Of pyqtgraph: what needs OpenGL or draws examples.
    "pyqtgraph.opengl", "pyqtgraph.examples", "pyqtgraph.jupyter", "OpenGL",
    # Of Python: builders, other windows, tests.
    "setuptools", "pkg_resources", "distutils", "tkinter", "turtle", "idlelib", "lib2to3",
    "ensurepip", "IPython", "pytest", "PyQt5", "PyQt6", "PySide2",
]  # fmt: skip

# ── Files ────────────────────────────────────────────────────────────────────────────────────────

_QT_LIBRARIES = (
    "3D", "Bluetooth", "Charts", "Concurrent", "DataVisualization", "Designer", "Eglfs",
    "EglFS", "EglFs", "Help", "Labs", "Multimedia", "Network", "Nfc", "Pdf", "Positioning",
    "PrintSupport", "Qml", "Quick", "RemoteObjects", "Scxml", "Sensors", "SerialPort",
    "ShaderTools", "SpatialAudio", "Sql", "StateMachine", "Test", "TextToSpeech", "UiTools",
    "VirtualKeyboard", "Web",
)  # fmt: skip

_DROPPED = re.compile(
    "|".join(
        [
            # Qt: what no widget of ours asks for.
            r"^PySide6/(Qt/)?(qml|translations|metatypes|libexec|examples|typesystems|include)/",
            r"^PySide6/(Qt/)?plugins/(?!(platforms|platformthemes|platforminputcontexts"
            r"|imageformats|iconengines|styles|xcbglintegrations|wayland-[a-z-]+)/)",
            r"plugins/platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl|minimal|direct2d)",
            r"plugins/platformthemes/libqgtk3",
            r"plugins/platforminputcontexts/.*virtualkeyboard",
            r"plugins/imageformats/(lib)?q(pdf|icns|tga|tiff|wbmp)",
            rf"(^|/)(lib)?Qt6?({'|'.join(_QT_LIBRARIES)})[A-Za-z0-9]*\.(so|dll|dylib|abi3|pyd|framework)",
            r"^PySide6/.*\.(pyi|exe|qmltypes|prl|cmake|json)$",
            r"opengl32sw\.dll$",
            # torch: tests, headers, compilers.
            r"^torch/(include|share|test|_export/db)/",
            r"^torch/bin/(?!torch_shm_manager)",
            r"^torch/lib/.*(_test|jitbackend|aoti_custom_ops|backend_with_compiler)",
            r"^torch/lib/.*\.(lib|a|cmake)$",
            r"^torch/.*\.(h|cuh|cpp|cu|pyi|jinja|yaml)$",
            # Others: tests, types, sources.
            r"(^|/)tests?/",
            r"\.(pyi|pxd|pyx|c|h)$",
            r"^numba/cuda/",
            r"^numba/np/ufunc/tbbpool",  # wants TBB; nothing here runs in numba's pools
        ]
    )
)

# Libraries that belong to the system on Linux: drivers of the graphics card are loaded beside
# them, newer than our builder, and need theirs. packaging/deb.py says which package brings each.
_OF_THE_SYSTEM = re.compile(
    r"^lib(stdc\+\+|gcc_s|z|GL|EGL|GLX|GLdispatch|OpenGL|gbm|drm|X11|X11-xcb|Xau|Xdmcp|Xext|xcb"
    r"|wayland-(client|cursor|egl|server)|glib-2\.0|gthread-2\.0|gio-2\.0|gobject-2\.0"
    r"|gmodule-2\.0|pcre2?(-8)?|fontconfig|freetype|expat|png16|brotli(common|dec)|uuid|dbus-1"
    r"|systemd|cap|gcrypt|gpg-error|lz4|zstd|asound|jack|pulse|pulsecommon-[\d.]+|portaudio|db-5\.3"
    r"|mount|blkid|selinux|bsd|md|xkbcommon|xkbcommon-x11|mvec"
    # What only the theme of GTK asked for, which is left out, and Qt's network.
    r"|atk-1\.0|cairo|cairo-gobject|pango-1\.0|pangocairo-1\.0|pangoft2-1\.0|gdk_pixbuf-2\.0"
    r"|harfbuzz|graphite2|thai|datrie|fribidi|pixman-1|jpeg|Xrender|gssapi_krb5|krb5|krb5support"
    r"|k5crypto|keyutils|com_err)\.so"
)


def is_dropped(name: str, linux: bool) -> bool:
    """Whether the file ``name`` (as it would be named inside the folder) stays out."""
    name = name.replace("\\", "/")
    return bool(_DROPPED.search(name)) or (linux and bool(_OF_THE_SYSTEM.match(name)))


def kept(entries: "list[tuple[str, str, str]]", linux: bool) -> "list[tuple[str, str, str]]":
    """What remains of a table of PyInstaller (name, source, kind).

    Links at the top that lead to torch's libraries go too: the loader looks there first, and a
    torch from the add-on folder would be joined with ours.
    """
    return [
        entry
        for entry in entries
        if not is_dropped(entry[0], linux)
        and not (entry[2] == "SYMLINK" and entry[1].replace("\\", "/").startswith("torch/"))
    ]
