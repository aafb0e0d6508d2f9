"""What the rack says of a slider that came from somebody else, and a preview before it is one."""

from dataclasses import replace

import numpy as np
import pytest

from sliders_desktop.library.sharing import SharedSlider
from sliders_desktop.session.shared_wording import preview_lines
from sliders_desktop.session.wording import slider_status
from sliders_desktop.tasks import Alike, FittedSlider, Preview

NONE = (None, None, None, None)
DIM = FittedSlider(1, "dim", 0, None, np.arange(3), *NONE, (1, 2), shared_by="Ann", confirms=True)  # type: ignore[arg-type]
SPREAD = [0.0, 1.0, 0.25, 0.75, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("fitted", "count", "figure"),
    [
        (DIM, 0, "from Ann · 0 of 3 ratings to confirm"),
        (DIM, 2, "from Ann · 2 of 3 ratings to confirm"),
        (replace(DIM, shared_by=""), 1, "shared · 1 of 3 ratings to confirm"),
        (DIM, 3, "from Ann · rate both ends"),
        (replace(DIM, pairs_right=0.66), 4, "from Ann · right 66 %"),
        (replace(DIM, state="confused", pairs_right=0.3), 6, "from Ann · not what you mean"),
        (replace(DIM, state="new", confirms=False), 4, "from Ann · 4 of 10"),
        (replace(DIM, state="new", confirms=False, unheard=True), 4, "from Ann · 4 of 10"),
        (replace(DIM, state="lit", pairs_right=0.9), 4, "right 90 % of pairs"),
        # An unproven word goes the way of every other once there are ratings.
        (replace(DIM, confirms=False, pairs_right=0.7), 9, "rough · right 70 %"),
    ],
)
def test_each_state_says_what_it_asks_for(fitted: FittedSlider, count: int, figure: str) -> None:
    status = slider_status("calm", SPREAD[:count], fitted)
    assert status.figure == figure
    assert status.sentence.endswith((".", "pairs."))
    assert status.disagreeing is None


def test_a_name_that_says_from_whom_is_not_repeated() -> None:
    assert slider_status("calm (Ann)", [], DIM).figure == "0 of 3 ratings to confirm"


def test_a_preview_says_what_is_true_of_it() -> None:
    shared = SharedSlider(
        "calm", "", "", "", "", np.zeros((6, 1), np.float32), np.zeros(6), np.zeros(6),
        np.zeros(1, np.float32), 0.0, 1.0, author="Ann",
    )  # fmt: skip
    preview = Preview("", shared, "calm", 0.834, True, True, False, (), (), ())
    assert preview_lines(preview) == ["Ann’s 6 ratings: right about 83 % of pairs."]
    alike = (Alike("quiet", 0.812), Alike("busy", 0.1), Alike("loud", 0.52))
    more = preview_lines(replace(preview, follows=False, carried=True, alike=alike))
    assert "does not follow" in more[1]
    assert "earlier ear" in more[2]
    assert more[3:] == [
        "Agrees with your quiet on 81 % of pairs.",
        "The opposite of your busy on 90 % of pairs.",
    ]
    unlike = replace(preview, proven=False, alike=alike[2:], shared=replace(shared, author=""))
    assert preview_lines(unlike) == [
        "The sharer’s 6 ratings do not prove this word yet: yours will have to.",
        "Unlike any word of yours that is lit.",
    ]
