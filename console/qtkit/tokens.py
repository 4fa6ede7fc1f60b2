"""The look as data: colours, type, spacing and heights, for light and dark.

Nothing here needs Qt, so presenters may name a `Tone` or a `Style`. Invariant: every text colour has a contrast of at
least 4.5:1 on each of the five backgrounds, the outline of a control 3:1, and white 4.5:1 on each fill; the test of
this module computes all of them. A colour that is not here does not appear in the product.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

SANS = "Inter"
MONO = "JetBrains Mono"
# Half the height of capitals per px of size, in both families.
CAPITALS = 0.364


class Tone(enum.Enum):
    """What a colour says. A state is icon and word; its tone comes third."""

    # Looked up some thousand times a paint: an enumeration's own hashes the name, in Python.
    __hash__ = object.__hash__

    INK = "ink"
    SECOND = "ink2"
    QUIET = "ink3"
    ACCENT = "accent"
    CRITICAL = "crit"
    HIGH = "high"
    MEDIUM = "med"
    LOW = "low"
    OK = "ok"
    PERSON = "person"


# Compared and hashed as one of a kind: colours are part of the key of everything that is kept laid out.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colours:
    """One theme's colours as ``#RRGGBB``, named as in the design."""

    is_dark: bool
    app: str
    surface: str
    sunken: str
    hover: str
    selected: str
    line: str
    control: str
    ink: str
    ink2: str
    ink3: str
    accent: str
    accentfill: str
    crit: str
    critfill: str
    critsoft: str
    high: str
    highsoft: str
    med: str
    medsoft: str
    low: str
    ok: str
    oksoft: str
    person: str
    personsoft: str
    onfill: str = "#FFFFFF"

    def text(self, tone: Tone) -> str:
        """Return the colour of words and icons of this tone."""
        return str(getattr(self, tone.value))

    def soft(self, tone: Tone) -> str:
        """Return the fill under words of this tone: its soft colour, or a plain one where it has none."""
        if tone is Tone.ACCENT:
            return self.selected
        return str(getattr(self, f"{tone.value}soft", self.sunken))

    @property
    def backgrounds(self) -> tuple[str, ...]:
        """The five grounds on which every text colour must be readable."""
        return (self.app, self.surface, self.sunken, self.hover, self.selected)


LIGHT = Colours(
    is_dark=False,
    app="#ECEEF2",
    surface="#FFFFFF",
    sunken="#F7F8FA",
    hover="#EDF0F5",
    selected="#E2EBFC",
    line="#DDE1E8",
    control="#7A8391",
    ink="#14171D",
    ink2="#434A57",
    ink3="#5A6270",
    accent="#2953C2",
    accentfill="#2953C2",
    crit="#A5112E",
    critfill="#A5112E",
    critsoft="#FBE5E8",
    high="#983800",
    highsoft="#FCEADB",
    med="#6E5000",
    medsoft="#F8EFCF",
    low="#3D586A",
    ok="#14633A",
    oksoft="#DFF1E6",
    person="#683C9E",
    personsoft="#EEE6F9",
)

DARK = Colours(
    is_dark=True,
    app="#0F1115",
    surface="#181B20",
    sunken="#131519",
    hover="#22262D",
    selected="#1B2A48",
    line="#2B3038",
    control="#727B8A",
    ink="#ECEEF2",
    ink2="#B8BFCB",
    ink3="#98A1AF",
    accent="#8AAEFF",
    accentfill="#3A66DB",
    crit="#FF919D",
    critfill="#BF2440",
    critsoft="#3A1820",
    high="#FFA76B",
    highsoft="#37220F",
    med="#E6C04C",
    medsoft="#31290F",
    low="#A9C1D0",
    ok="#70CE96",
    oksoft="#142E1E",
    person="#C5A5F6",
    personsoft="#2A203C",
)


class Style(enum.Enum):
    """A way to set text: family, size and line in px, weight. No capitals, no italics."""

    __hash__ = object.__hash__

    WELCOME = (SANS, 28, 36, 600)
    MEASURE = (SANS, 22, 28, 600)
    TITLE = (SANS, 20, 28, 600)
    SCREEN = (SANS, 18, 28, 600)
    LEAD = (SANS, 15, 24, 400)
    BODY = (SANS, 13, 20, 400)
    LABEL = (SANS, 13, 20, 500)
    STRONG = (SANS, 13, 20, 600)
    SECTION = (SANS, 12, 20, 600)
    ROW = (SANS, 12, 20, 400)
    NOTE = (SANS, 12, 18, 400)
    NOTE_STRONG = (SANS, 12, 18, 600)
    SMALL = (SANS, 12, 16, 400)
    SMALL_LABEL = (SANS, 12, 16, 500)
    SMALL_STRONG = (SANS, 12, 16, 600)
    MICRO = (SANS, 11, 16, 400)
    MICRO_MEDIUM = (SANS, 11, 16, 500)
    MICRO_STRONG = (SANS, 11, 16, 600)
    DATA = (MONO, 12, 20, 400)
    DATA_STRONG = (MONO, 12, 20, 600)
    SMALL_DATA = (MONO, 12, 16, 400)
    SMALL_DATA_STRONG = (MONO, 12, 16, 600)
    KEY = (MONO, 11, 16, 500)

    @property
    def family(self) -> str:
        """The bundled family."""
        return self.value[0]

    @property
    def px(self) -> int:
        """Size in px."""
        return self.value[1]

    @property
    def line(self) -> int:
        """Height of a line in px."""
        return self.value[2]

    @property
    def weight(self) -> int:
        """The CSS weight: 400, 500 or 600."""
        return self.value[3]

    @property
    def baseline(self) -> int:
        """Where the letters stand, in px below the top of the line: capitals are centred in it."""
        return round(self.line / 2 + CAPITALS * self.px)

    @property
    def strong(self) -> Style:
        """The same size and family in 600."""
        return _STRONG.get(self, self)

    @property
    def data(self) -> Style:
        """The data font for words inside text of this style."""
        return Style.SMALL_DATA if self.line < Style.DATA.line else Style.DATA

    @property
    def is_mono(self) -> bool:
        """Whether this is the data font."""
        return self.family == MONO


_STRONG = {
    Style.BODY: Style.STRONG,
    Style.LABEL: Style.STRONG,
    Style.ROW: Style.SECTION,
    Style.SMALL: Style.SMALL_STRONG,
    Style.NOTE: Style.NOTE_STRONG,
    Style.SMALL_LABEL: Style.SMALL_STRONG,
    Style.MICRO: Style.MICRO_STRONG,
    Style.MICRO_MEDIUM: Style.MICRO_STRONG,
    Style.DATA: Style.DATA_STRONG,
    Style.SMALL_DATA: Style.SMALL_DATA_STRONG,
}


class Space(enum.IntEnum):
    """Distances in px on the 8-px grid with a half step."""

    HALF = 4
    GRID = 8
    CARD = 12
    LIST = 12
    GAP = 16
    PANE = 20


class Radius(enum.IntEnum):
    """Corner radii in px; a pill's and a chip's is half their height."""

    KEY = 4
    CONTROL = 6
    CARD = 8


class Height(enum.IntEnum):
    """Fixed heights in px."""

    MENU_BAR = 32
    STATUS = 28
    INBOX_ROW = 56
    HANDLED_ROW = 52
    GROUP_ROW = 24
    RUN_ROW = 28
    CHANGE_ROW = 26
    ARGUMENT_ROW = 22
    TRAIL_LINE = 22
    FAILURE_ROW = 40
    TABLE_HEADER = 24
    CONTROL = 32
    SMALL_CONTROL = 26
    CHIP = 24
    PILL = 22
    TAB = 36
    RAIL_ITEM = 56


class Width(enum.IntEnum):
    """Fixed widths in px."""

    RAIL = 80
    RAIL_ITEM = 68
    LIST = 400
    CONTEXT = 320
    CONTEXT_FOLDED = 40
    SECTION_LABEL = 104


ICON = 16
MARK_ICON = 13
PILL_ICON = 14
RAIL_ICON = 20
