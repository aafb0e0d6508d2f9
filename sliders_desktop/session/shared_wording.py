"""What is said of a slider that came from somebody else, and of its file before it is one."""

from sliders_desktop import tasks

ALIKE = 0.1  # shares of pairs nearer to one half say nothing


def of_shared(
    name: str, count: int, fitted: "tasks.FittedSlider", state: str
) -> tuple[str, str] | None:
    """Figure and sentence of a slider with ``count`` ratings that came and is not lit yet.

    None where that it came is not what is to be said of it now.
    """
    if fitted.shared_by is None or state in ("lit", "listening"):
        return None
    if not fitted.confirms and state != "new":
        return None
    right, who = fitted.pairs_right, fitted.shared_by
    came, whose = (f"from {who} · ", f"{who}’s {name}") if who else ("shared · ", name)
    if who and f"({who.casefold()})" in name.casefold():
        came, whose = "", name  # the name says it: “calm (Ann)”
    if fitted.state == "new":
        why = (
            f"Sliders hears with another ear since {whose} came"
            if fitted.unheard
            else f"The ratings that came with {whose} do not prove it"
        )
        figure = f"{count} of {tasks.LEAST_RATINGS}"
        more = max(1, tasks.LEAST_RATINGS - count)
        sentence = f"{why}: rate {more} more, some at each end."
    elif fitted.state == "confused":
        figure = "not what you mean"
        sentence = f"Your ratings contradict {whose}. Each one makes it more your own."
    elif count < tasks.CONFIRMING:
        figure = f"{count} of {tasks.CONFIRMING} ratings to confirm"
        sentence = (
            f"Rate {tasks.CONFIRMING} tracks on {whose}, some at each end, to see whether it means "
            "the same to you."
        )
    elif right is None:
        figure, sentence = "rate both ends", f"Rate tracks at both ends to confirm {whose}."
    else:
        percent = f"{100 * right:.0f} %"
        figure = f"right {percent}"
        sentence = (
            f"Not confirmed yet: {whose} is right about {percent} of your pairs. Each rating pulls "
            "it towards what you mean."
        )
    return came + figure, sentence


def preview_lines(preview: "tasks.Preview") -> list[str]:
    """What is to be known of a shared slider before it is taken in; the first is its figure."""
    shared, count = preview.shared, len(preview.shared.ratings)
    whose = f"{shared.author}’s" if shared.author else "The sharer’s"
    lines = [f"{whose} {count} ratings do not prove this word yet: yours will have to."]
    if preview.proven and preview.pairs_right is not None:
        lines = [
            f"{whose} {count} ratings: right about {100 * preview.pairs_right:.0f} % of pairs."
        ]
    if not preview.follows:
        lines.append(
            "What the file says it learned does not follow from its ratings; Sliders goes by the "
            "ratings."
        )
    if preview.carried:
        lines.append("It was taught to an earlier ear of yours, and is carried over to this one.")
    for alike in preview.alike:
        share = alike.same_order
        if share >= 0.5 + ALIKE:
            lines.append(f"Agrees with your {alike.name} on {100 * share:.0f} % of pairs.")
        elif share <= 0.5 - ALIKE:
            lines.append(
                f"The opposite of your {alike.name} on {100 * (1 - share):.0f} % of pairs."
            )
    if preview.alike and all(abs(a.same_order - 0.5) < ALIKE for a in preview.alike):
        lines.append("Unlike any word of yours that is lit.")
    return lines
