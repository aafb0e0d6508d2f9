"""The order of what plays next: the listener's own tracks are never replaced."""

from sliders_desktop.session.queue import Queue


def ids(queue: Queue) -> list[int]:
    return [item.track_id for item in queue.items]


def filled() -> Queue:
    queue = Queue()
    queue.replace([1, 2, 3], "user")
    queue.set_recommended([queue.make(i, "recommended") for i in (10, 11)])
    return queue


def test_own_tracks_come_before_recommended_ones() -> None:
    queue = filled()

    queue.put_after_own([4])
    queue.put_first([0])

    assert ids(queue) == [0, 1, 2, 3, 4, 10, 11]


def test_new_recommendations_leave_the_listeners_own() -> None:
    queue = filled()

    queue.set_recommended([queue.make(20, "recommended")])

    assert ids(queue) == [1, 2, 3, 20]


def test_a_recommended_track_that_is_moved_up_is_chosen() -> None:
    queue = filled()
    key = queue.items[4].key

    queue.move(key, 1)
    queue.set_recommended([])

    assert ids(queue) == [1, 11, 2, 3]


def test_moving_down_lands_before_the_named_place() -> None:
    queue = filled()

    queue.move(queue.items[0].key, 3)

    assert ids(queue)[:3] == [2, 3, 1]


def test_take_by_key_drops_what_stood_before() -> None:
    queue = filled()

    taken = queue.take(queue.items[2].key)

    assert taken is not None
    assert taken.track_id == 3
    assert ids(queue) == [10, 11]
    assert queue.take(12345) is None
    assert ids(queue) == [10, 11]


def test_remove_keeps_the_rest() -> None:
    queue = filled()

    gone = queue.remove([queue.items[1].key, queue.items[3].key])

    assert [item.track_id for item in gone] == [2, 10]
    assert ids(queue) == [1, 3, 11]


def test_keys_are_unique() -> None:
    queue = filled()
    queue.put_first([1, 1, 1])

    keys = [item.key for item in queue.items]

    assert len(keys) == len(set(keys))
