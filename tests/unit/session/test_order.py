"""Which track follows: lists, shuffle, repeat, what cannot be played, and the way back."""

from sliders_desktop.session.order import IN_QUEUE, Order


def ids(order: Order) -> list[int]:
    return [item.track_id for item in order.queue.items]


def all_taken(order: Order, most: int = 1000) -> list[int]:
    out: list[int] = []
    while len(out) < most and (item := order.take()) is not None:
        out.append(item.track_id)
    return out


def test_a_long_list_is_played_to_its_end_in_order() -> None:
    order = Order(lambda i: True)
    order.start(range(1, 701), 9, "playlist")

    assert len(order.queue.items) == IN_QUEUE
    assert all_taken(order) == list(range(11, 701))


def test_a_shuffled_list_is_played_once_each_and_not_in_order() -> None:
    order = Order(lambda i: True)
    order.shuffle = True
    order.start(range(1, 701), 9, "playlist")

    taken = all_taken(order)

    assert sorted([10, *taken]) == list(range(1, 701))
    assert taken != sorted(taken)


def test_out_of_shuffle_the_rest_follows_as_the_list_says() -> None:
    order = Order(lambda i: True)
    order.shuffle = True
    order.start(range(1, 501), 99, "playlist")
    taken = {order.take().track_id for _ in range(20)}  # type: ignore[union-attr]

    order.set_shuffle(False, 100)

    assert all_taken(order) == [i for i in range(101, 501) if i not in taken]


def test_what_cannot_be_played_is_passed_over_however_much_of_it() -> None:
    order = Order(lambda i: i > 450)
    order.start(range(1, 501), 0, "playlist")

    assert [i.track_id for i in order.ahead()] == [451, 452]
    assert all_taken(order) == list(range(451, 501))


def test_repeat_all_begins_again_but_never_with_nothing_to_play() -> None:
    good = {1, 3}
    order = Order(lambda i: i in good)
    order.repeat = "all"
    order.start([1, 2, 3], 0, "user")
    assert all_taken(order, 5) == [3, 1, 3, 1, 3]

    good.clear()
    assert order.ahead() == []
    assert order.take() is None


def test_back_goes_to_what_was_heard_and_can_be_heard() -> None:
    good = {1, 3}
    order = Order(lambda i: i in good)
    for track in (1, 2, 3, 3):
        order.heard(track)

    assert order.step_back() == 1
    assert ids(order) == [3]
    assert order.step_back() is None


def test_a_snapshot_is_gone_back_to() -> None:
    order = Order(lambda i: True)
    order.start(range(1, 301), 0, "user")
    order.heard(1)
    then, before = order.snapshot(), ids(order)

    order.take()
    order.heard(2)
    order.step_back()
    order.go_back_to(then)

    assert ids(order) == before
    assert order.history == [1]
