"""The jobs that join library, audio and ml, as plain functions.

Each takes a `Store` first and a ``job`` last, and runs from a window, the command line or a test.
Those that need no library (`vectors`, `train`, `evaluate`) take no store.
"""

from sliders_desktop.online.account import Account
from sliders_desktop.tasks.fitting import (
    LEAST_RATINGS,
    FittedSlider,
    Missing,
    Points,
    Recommended,
    Steer,
    Wish,
    build_catalogue,
    fit_map,
    fit_slider,
    missing,
    next_tracks,
    ordinal,
    place_on_map,
    read_map,
)
from sliders_desktop.tasks.generations import (
    SHIPPED,
    Generation,
    forget_unreachable,
    listen,
    use_generation,
)
from sliders_desktop.tasks.levelling import LevelResult, level, unmeasured
from sliders_desktop.tasks.listening import EmbedResult, FolderVectors, embed, train, vectors
from sliders_desktop.tasks.measuring import evaluate
from sliders_desktop.tasks.playing import look_again, note_failure, note_success
from sliders_desktop.tasks.reading import (
    Rows,
    Vectors,
    read_cover,
    read_outputs,
    read_overview,
    read_rows,
    read_vectors,
    sort_orders,
)
from sliders_desktop.tasks.receiving import (
    CONFIRMING,
    SUFFIX,
    Alike,
    Preview,
    SharedSlider,
    author_of,
    preview_slider,
    take_in,
)
from sliders_desktop.tasks.scanning import ScanResult, compose_demo, scan
from sliders_desktop.tasks.scrobbling import (
    Known,
    Sent,
    announce,
    check_token,
    is_listen,
    send_listens,
)
from sliders_desktop.tasks.sharing import file_name, share_slider, write_slider
from sliders_desktop.tasks.teaching import (
    TeachingState,
    TeachResult,
    drop_teaching,
    teach,
    teaching_state,
)
from sliders_desktop.tasks.teaching_music import Outlook, TeachConfig, teaching_outlook

__all__ = [
    "CONFIRMING",
    "LEAST_RATINGS",
    "SHIPPED",
    "SUFFIX",
    "Account",
    "Alike",
    "EmbedResult",
    "FittedSlider",
    "FolderVectors",
    "Generation",
    "Known",
    "LevelResult",
    "Missing",
    "Outlook",
    "Points",
    "Preview",
    "Recommended",
    "Rows",
    "ScanResult",
    "Sent",
    "SharedSlider",
    "Steer",
    "TeachConfig",
    "TeachResult",
    "TeachingState",
    "Vectors",
    "Wish",
    "announce",
    "author_of",
    "build_catalogue",
    "check_token",
    "compose_demo",
    "drop_teaching",
    "embed",
    "evaluate",
    "file_name",
    "fit_map",
    "fit_slider",
    "forget_unreachable",
    "is_listen",
    "level",
    "listen",
    "look_again",
    "missing",
    "next_tracks",
    "note_failure",
    "note_success",
    "ordinal",
    "place_on_map",
    "preview_slider",
    "read_cover",
    "read_map",
    "read_outputs",
    "read_overview",
    "read_rows",
    "read_vectors",
    "scan",
    "send_listens",
    "share_slider",
    "sort_orders",
    "take_in",
    "teach",
    "teaching_outlook",
    "teaching_state",
    "train",
    "unmeasured",
    "use_generation",
    "vectors",
    "write_slider",
]
