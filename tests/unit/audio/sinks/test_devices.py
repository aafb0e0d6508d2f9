"""What to do when outputs come, go or change; the real thing is in e2e/test_devices."""

from sliders_desktop.audio.events import Device
from sliders_desktop.audio.sinks.devices import Look, next_step

SPEAKERS, SPEAKERS_DEFAULT = (
    Device("Speakers", "a", False, 48000),
    Device("Speakers", "a", True, 48000),
)
PHONES, PHONES_DEFAULT = Device("Phones", "b", False, 44100), Device("Phones", "b", True, 44100)
BOTH = (SPEAKERS_DEFAULT, PHONES)


def test_what_is_gone_is_lost_wherever_the_server_took_us() -> None:
    before = Look(BOTH, "b")
    for chosen in ("", "Phones"):
        step = next_step(PHONES, chosen, 44100, before, Look((SPEAKERS_DEFAULT,), "a"))
        assert step == ("lost", PHONES)


def test_what_was_never_listed_is_not_lost() -> None:
    card = Device("USB (hw:1,0)", "USB (hw:1,0)", alone=True)
    assert next_step(card, card.name, 44100, Look(), Look(BOTH)) == ("stay", card)


def test_the_server_may_take_us_along_when_the_system_is_followed() -> None:
    now = Look((SPEAKERS, PHONES_DEFAULT), "b")
    assert next_step(SPEAKERS, "", 44100, Look(BOTH, "a"), now) == ("stay", PHONES_DEFAULT)
    assert next_step(SPEAKERS, "", 48000, Look(BOTH, "a"), now) == ("move", PHONES_DEFAULT)


def test_without_a_server_we_move_ourselves_and_only_for_another_default() -> None:
    now = Look((SPEAKERS, PHONES_DEFAULT))
    assert next_step(SPEAKERS, "", 48000, Look(BOTH), now) == ("move", PHONES_DEFAULT)
    assert next_step(SPEAKERS, "Speakers", 48000, Look(BOTH), now) == ("stay", SPEAKERS)
    more = Look((*now.devices, Device("TV", "c")))
    assert next_step(SPEAKERS, "", 48000, now, more) == ("stay", SPEAKERS)


def test_a_choice_is_kept_against_the_server_but_not_against_the_listener() -> None:
    taken_along = Look((SPEAKERS, PHONES_DEFAULT), "b")
    assert next_step(SPEAKERS, "Speakers", 48000, Look(BOTH, "a"), taken_along)[0] == "move"
    by_hand = Look(BOTH, "b")  # in the system's mixer
    assert next_step(SPEAKERS, "Speakers", 48000, Look(BOTH, "a"), by_hand) == ("stay", PHONES)
