"""Sending what is heard to a ListenBrainz server: lane `send`, once the listener has agreed.

A listen leaves the library's file when the server has taken it. Should the program be killed in
between, it is sent again, word for word the same, and the server knows it by that.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sliders_desktop.errors import FileUnreadable, Unreachable, UserError
from sliders_desktop.library.path_text import title_of
from sliders_desktop.library.records import Listen
from sliders_desktop.library.store import Store
from sliders_desktop.online.account import Account
from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:
    from sliders_desktop.online.listenbrainz import Answer, Song

log = logging.getLogger(__name__)

BATCH = 100
LEAST_TRACK_S = 30.0
ENOUGH_HEARD_S = 240.0


@dataclass(frozen=True)
class Known:
    """An account the server knows."""

    account: Account
    user: str


@dataclass(frozen=True)
class Sent:
    """How a sending ended.

    "all": nothing is left; "later": the server is away or busy, for ``wait_s`` if it said so;
    "refused": it does not take this token.
    """

    end: Literal["all", "later", "refused"]
    sent: int = 0
    dropped: int = 0
    wait_s: float | None = None
    reason: str = ""  # one sentence


def is_listen(duration_s: float, seconds_played: float) -> bool:
    """ListenBrainz's rule: half of it or four minutes, of what lasts half a minute at least."""
    return duration_s >= LEAST_TRACK_S and seconds_played >= min(duration_s / 2, ENOUGH_HEARD_S)


def check_token(store: Store, account: Account, job: Job = NO_JOB) -> Known:
    """Whose token it is; `UserError` says why it does not work."""
    from sliders_desktop.online import listenbrainz

    answer = listenbrainz.validate_token(account.server, account.token)
    if answer.status == 401 or answer.body.get("valid") is False:
        raise UserError(f"{account.host} does not know this token.")
    if answer.status == 429 or answer.status >= 500:
        raise UserError(f"{account.host} is busy; please try again in a minute.")
    if not answer.taken or answer.body.get("valid") is not True:
        raise UserError(f"{account.host} does not answer as a ListenBrainz server.")
    return Known(account, str(answer.body.get("user_name", "")))


def announce(
    store: Store, account: Account, listen: Listen, path: str, job: Job = NO_JOB
) -> Sent | None:
    """Say what plays now; where that fails nothing is kept. None: it has no title to name."""
    from sliders_desktop.online import listenbrainz

    if _is_named_by_file(listen.title, path):
        return None
    job.check()
    try:
        answer = listenbrainz.submit(
            account.server, account.token, "playing_now", [_song(listen, False)]
        )
    except Unreachable as error:
        return Sent("later", reason=str(error))
    return Sent("all") if answer.taken or answer.status == 400 else _trouble(account, answer)


def send_listens(store: Store, account: Account, job: Job = NO_JOB) -> Sent:
    """Send all that waits, oldest first, and forget what was taken.

    A batch that is refused is halved until the one listen is found that the server does not
    take; that one is dropped.
    """
    from sliders_desktop.online import listenbrainz

    sent = dropped = 0
    size = BATCH
    while batch := _named(store, store.waiting_listens(size)):
        job.check()
        songs = [_song(listen, True) for listen in batch]
        kind: Literal["single", "import"] = "single" if len(songs) == 1 else "import"
        try:
            answer = listenbrainz.submit(account.server, account.token, kind, songs)
        except Unreachable as error:
            return Sent("later", sent, dropped, None, str(error))
        if answer.taken:
            store.forget_listens(listen.id for listen in batch)
            sent += len(batch)
            size = min(BATCH, 2 * size)
        elif answer.status not in (400, 413):
            end = _trouble(account, answer)
            return Sent(end.end, sent, dropped, end.wait_s, end.reason)
        elif len(batch) > 1:
            size = len(batch) // 2
        else:
            said = str(answer.body.get("error", ""))[:200]
            log.warning("listen of %d dropped, refused with: %s", batch[0].listened_at, said)
            store.forget_listens([batch[0].id])
            dropped += 1
    return Sent("all", sent, dropped)


def _trouble(account: Account, answer: "Answer") -> Sent:
    if answer.status in (401, 403):
        return Sent("refused", reason=f"{account.host} does not take this token any more.")
    if answer.status == 429:
        return Sent("later", wait_s=answer.wait_s, reason=f"{account.host} asks for patience.")
    log.info("%s answered %d", account.host, answer.status)
    return Sent("later", reason=f"{account.host} does not work at the moment.")


def _song(listen: Listen, over: bool) -> "Song":
    from sliders_desktop.online.listenbrainz import Song

    at = listen.listened_at if over else None
    return Song(listen.title, listen.artist, listen.album, listen.duration_s, at)


def _named(store: Store, listens: list[Listen]) -> list[Listen]:
    """Those with a title of their own; the others are forgotten."""
    paths = {row.id: row.path for row in store.rows({listen.track_id for listen in listens})}
    nameless = {
        listen.id
        for listen in listens
        if _is_named_by_file(listen.title, paths.get(listen.track_id) or "")
    }
    if not nameless:
        return listens
    store.forget_listens(nameless)
    rest = [listen for listen in listens if listen.id not in nameless]
    return rest or _named(store, store.waiting_listens(len(listens)))


def _is_named_by_file(title: str, path: str) -> bool:
    """The library shows a file's name where there is no title; the tag tells which it is."""
    if not path or title != title_of(path):
        return False
    from sliders_desktop.audio.tags import read_tags

    try:
        return not read_tags(path).title
    except FileUnreadable:  # away by now
        return False
