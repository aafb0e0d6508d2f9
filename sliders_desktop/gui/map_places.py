"""Where one has been on the map: back and forward, as in a browser. Main thread."""

from sliders_desktop.gui.map_camera import MapCamera

DEEPEST = 50
FAR, CLOSER = 0.35, 1.5  # of the view's size, or so much nearer: that is another place
View = tuple[float, float, float]  # x, y, scale; scale 0: everything


class MapPlaces:
    """Remembers where the view came to rest, as far as that was somewhere else."""

    def __init__(self, camera: MapCamera) -> None:
        self._camera = camera
        self._views: list[View] = []
        self._at = -1
        camera.rested.connect(self._on_rested)

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._views) - 1

    def back(self) -> None:
        self._go(-1)

    def forward(self) -> None:
        self._go(1)

    def _go(self, step: int) -> None:
        if 0 <= self._at + step < len(self._views):
            self._at += step
            x, y, scale = self._views[self._at]
            if scale:
                self._camera.look_at(x, y, scale)
            else:
                self._camera.fit_all()

    def _on_rested(self) -> None:
        here = self._camera.view
        if self._at >= 0 and not self._elsewhere(self._views[self._at], here):
            self._views[self._at] = here
            return
        del self._views[self._at + 1 :]
        self._views.append(here)
        del self._views[:-DEEPEST]
        self._at = len(self._views) - 1

    def _elsewhere(self, before: View, now: View) -> bool:
        if not before[2] or not now[2]:
            return before[2] != now[2]
        lens = self._camera.lens
        far = FAR * min(lens.width, lens.height) / now[2]
        moved = abs(now[0] - before[0]) > far or abs(now[1] - before[1]) > far
        return moved or not 1 / CLOSER < now[2] / before[2] < CLOSER
