"""The jobs that join library, audio and ml, as plain functions.

Each takes a `Store` first and a ``job`` last, and runs from a window, the command line or a test.
Those that need no library (`vectors`, `train`, `evaluate`) take no store.
"""

from sliders_desktop.online.account import Account
from sliders_desktop.tasks.asking import (
    TEST_SIZE,
    SelfTest,
    Suggestion,
    choose_test,
    pairs_right,
    settle,
    suggest_another,
)
from sliders_desktop.tasks.fitting import (
    FIRST_RATINGS,
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
from sliders_desktop.tasks.measuring import Audible, audible, evaluate
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
from sliders_desktop.tasks.scanning import ScanResult, compose_demo, scan
from sliders_desktop.tasks.scrobbling import (
    Known,
    Sent,
    announce,
    check_token,
    is_listen,
    send_listens,
)
from sliders_desktop.tasks.teaching import (
    TeachingState,
    TeachResult,
    drop_teaching,
    teach,
    teaching_state,
)
from sliders_desktop.tasks.teaching_music import Outlook, TeachConfig, teaching_outlook

__all__ = [
    "FIRST_RATINGS",
    "LEAST_RATINGS",
    "SHIPPED",
    "TEST_SIZE",
    "Account",
    "Audible",
    "EmbedResult",
    "FittedSlider",
    "FolderVectors",
    "Generation",
    "Known",
    "LevelResult",
    "Missing",
    "Outlook",
    "Points",
    "Recommended",
    "Rows",
    "ScanResult",
    "SelfTest",
    "Sent",
    "Steer",
    "Suggestion",
    "TeachConfig",
    "TeachResult",
    "TeachingState",
    "Vectors",
    "Wish",
    "announce",
    "audible",
    "build_catalogue",
    "check_token",
    "choose_test",
    "compose_demo",
    "drop_teaching",
    "embed",
    "evaluate",
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
    "pairs_right",
    "place_on_map",
    "read_cover",
    "read_map",
    "read_outputs",
    "read_overview",
    "read_rows",
    "read_vectors",
    "scan",
    "send_listens",
    "settle",
    "sort_orders",
    "suggest_another",
    "teach",
    "teaching_outlook",
    "teaching_state",
    "train",
    "unmeasured",
    "use_generation",
    "vectors",
]
