"""Every error Sliders Desktop raises on purpose; anything else that is raised is a bug.

SlidersError
├── UserError              the world's fault: one clear sentence for the listener
│   ├── FileUnreadable     a music file that cannot be opened or decoded
│   ├── DatabaseTooNew     the library was written by a newer version
│   ├── NoSoundDevice      no output, or it went away
│   ├── ModelMismatch      a model file that does not fit this program
│   ├── TrainingCollapsed  the encoder's space lost its spread while training
│   └── Unreachable        a server that does not answer
└── Cancelled              a job was asked to stop
"""


class SlidersError(Exception):
    """Root of the tree."""


class UserError(SlidersError):
    """Something a listener can understand; its text is shown as it is."""


class FileUnreadable(UserError):
    """A music file that cannot be opened or decoded."""


class DatabaseTooNew(UserError):
    """The library was written by a newer version of the program."""


class NoSoundDevice(UserError):
    """No sound output can be opened, or the open one went away."""


class ModelMismatch(UserError):
    """A model file that does not fit this program or these features."""


class TrainingCollapsed(UserError):
    """Training was stopped because the space lost its spread."""


class Unreachable(UserError):
    """A server does not answer, or not as one; it may later."""


class Cancelled(SlidersError):
    """Raised inside a task when its job was asked to stop."""
