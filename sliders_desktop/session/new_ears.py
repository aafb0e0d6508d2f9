"""What another encoder did to the words: each is judged anew, and the listener told once."""

from collections.abc import Callable, Mapping

from sliders_desktop.session.wording import SliderState, SliderStatus, new_ears_sentence


class NewEars:
    """Waits until every word has been judged with the new vectors."""

    def __init__(self, before: Mapping[int, SliderState]) -> None:
        """``before``: the state of each slider as the encoder before heard it."""
        self._before = dict(before)
        self._waits_for = set(before)

    def judged(
        self, slider_id: int, name_and_status: Callable[[int], tuple[str, SliderStatus] | None]
    ) -> str | None:
        """One more was judged; the sentence once all are, None until then."""
        self._waits_for.discard(slider_id)
        # A word that was deleted meanwhile is not waited for.
        self._waits_for = {i for i in self._waits_for if name_and_status(i) is not None}
        if self._waits_for:
            return None
        return new_ears_sentence(
            [
                (found[0], state, found[1])
                for i, state in self._before.items()
                if (found := name_and_status(i)) is not None
            ]
        )
