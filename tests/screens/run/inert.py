"""Whether an HTML file is inert and complete in itself, as a parser sees it."""

from __future__ import annotations

from html.parser import HTMLParser

TAG_NAMES = """html head meta title style body h1 h2 p div span strong dl dt dd table tr th td pre details summary
svg g rect text line polyline polygon"""
ATTRIBUTE_NAMES = """lang charset http-equiv content name class x y x1 x2 y1 y2 rx width height points viewbox role
aria-label"""
TAGS, ATTRIBUTES = frozenset(TAG_NAMES.split()), frozenset(ATTRIBUTE_NAMES.split())
SUSPECT = ("http", "file:", "//", "url(", "javascript", "@import", "data:", "expression")


class Inert(HTMLParser):
    """Collects what breaks the rules, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words: list[str] = []
        self.policy = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"attribute {name} of {tag}")
            if name != "http-equiv" and any(one in (value or "").casefold() for one in SUSPECT):
                self.faults.append(f"value {value!r} of {name}")
        told = dict(attrs)
        if tag == "meta" and (told.get("http-equiv") or "").casefold() == "content-security-policy":
            self.policy = told.get("content") or ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's own signature
        self._inside = ""

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        if decl.casefold() != "doctype html":
            self.faults.append(f"declaration {decl!r}")

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.faults += [f"style with {one}" for one in SUSPECT if one in data.casefold()]
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.words)


def inert(html: bytes) -> Inert:
    """Read a file; its faults are what must not be there."""
    parser = Inert()
    parser.feed(html.decode("utf-8"))
    parser.close()
    if "default-src 'none'" not in parser.policy:
        parser.faults.append("no policy")
    return parser
