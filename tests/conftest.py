"""What holds for all tests: they draw unseen, unless a test or the person who runs them brings a display."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
