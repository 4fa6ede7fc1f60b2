"""A run as one HTML file: what happened, why it stands still, graph, timeline, decisions, trail, hand-offs, access.

Invariant: the file is complete in itself and inert: no script, no address, nothing loaded, and a policy in it that
forbids all of that; whatever an engine wrote is text. Long values are cut and say by how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from console.domain.run import TrailEntry, TrailKind
from console.qtkit.runlooks import RUN_LOOKS
from console.qtkit.tokens import DARK, LIGHT, Colours
from console.qtkit.words import plain
from console.screens.run.access import HEADINGS, access_rows
from console.screens.run.cards import LOOKS, cost, size
from console.screens.run.graph import line_words
from console.screens.run.hand_offs import HandOffRow, hand_off_rows
from console.screens.run.header import fields, tokens
from console.screens.run.layers import layers
from console.screens.run.markup import Markup, Part, tag, text
from console.screens.run.report_decisions import OWN, READ, decision_rows
from console.screens.run.report_drawing import MOST_STEPS, graph_svg, timeline_svg
from console.screens.run.report_reader import Gathered
from console.screens.run.timeline import timeline
from console.screens.run.values import pretty

LONG = 1_200
VALUE = 8_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root{color-scheme:light dark;%(light)s}
@media(prefers-color-scheme:dark){:root{%(dark)s}}
body{margin:0 auto;max-width:1040px;padding:24px;background:var(--surface);color:var(--ink);
font:13px/20px Inter,system-ui,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:20px;line-height:28px;margin:0 0 4px}h2{font-size:15px;margin:28px 0 8px}
table{border-collapse:collapse;width:100%%}th,td{text-align:left;white-space:pre-line;vertical-align:top;
padding:4px 10px 4px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}th{color:var(--ink2);font-weight:600}
dl{display:flex;flex-wrap:wrap;gap:8px 28px;margin:8px 0}dt{font-size:11px;color:var(--ink2)}
dd{margin:0;font-weight:500}
pre{font:12px/18px "JetBrains Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0;
background:var(--sunken);padding:6px 8px;border-radius:6px}
.entry{border-top:1px solid var(--line);padding:6px 0}.entry p{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
.note{border:1px solid var(--person);background:var(--personsoft);border-radius:8px;padding:8px 12px;margin:8px 0}
.time,.quiet{color:var(--ink3)}.kind{font-weight:600}.crit{color:var(--crit)}.high{color:var(--high)}
.ok{color:var(--ok)}
svg{max-width:100%%;height:auto;background:var(--sunken);border-radius:8px}
svg text{font:11px Inter,system-ui,sans-serif;
fill:var(--ink2)}svg .name{font-weight:600;font-size:12px;fill:var(--ink)}svg .label{text-anchor:middle;
paint-order:stroke;stroke:var(--sunken);stroke-width:4px}
svg .high{fill:var(--high);font-weight:600}rect.step{fill:var(--surface);stroke:var(--control)}rect.ok{stroke:var(--ok)}
rect.accent{stroke:var(--accent)}rect.person{stroke:var(--person);fill:var(--personsoft)}
rect.crit{stroke:var(--crit);fill:var(--critsoft)}.dashed{stroke-dasharray:5 4}.edge{fill:none;stroke:var(--control)}
.arrow{fill:var(--control)}.grid{stroke:var(--line)}.worked{fill:var(--low)}.waited{fill:var(--person)}
rect.failed{fill:var(--surface);stroke:var(--crit)}@media print{body{max-width:none}}
"""
USED = (
    "surface",
    "sunken",
    "line",
    "control",
    "ink",
    "ink2",
    "ink3",
    "accent",
    "crit",
    "critsoft",
    "high",
    "low",
    "ok",
    "person",
    "personsoft",
)


def report(gathered: Gathered) -> Iterator[bytes]:
    """The file, piece by piece, UTF-8."""
    yield from _encoded(_head(gathered))
    for heading, parts in _sections(gathered):
        yield from _encoded([tag("h2", heading), *parts])
    yield from _encoded([_foot(gathered)])
    yield b"</body></html>\n"


def _head(gathered: Gathered) -> list[Markup]:
    run = gathered.run
    colours = {"light": _variables(LIGHT), "dark": _variables(DARK)}
    title = text(run.title or run.ref.run_id, 300)
    start = Markup('<!DOCTYPE html>\n<html lang="en"><head>')
    metas = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width"),
    ]
    style = Markup(f"<style>{STYLE % colours}</style>")
    told = [
        tag("h1", title),
        tag("p", f"{RUN_LOOKS[gathered.doing][0]} · {run.workflow[:200]} · {run.ref.run_id[:200]}", class_="quiet"),
    ]
    if gathered.stillness is not None:
        told.append(tag("p", tag("strong", "Not moving: "), text(gathered.stillness.text, LONG), class_="note"))
    facts = [
        tag("div", tag("dt", label), tag("dd", text(span.text, 300)))
        for label, span in fields(run, gathered.at, gathered.steps)
    ]
    return [start, *metas, tag("title", title), style, Markup("</head><body>"), *told, tag("dl", *facts)]


def _sections(gathered: Gathered) -> Iterator[tuple[str, Iterable[Markup]]]:
    plan, shown = layers(gathered.steps), gathered.steps[:MOST_STEPS]
    if gathered.steps:
        times = timeline(gathered.run, shown, gathered.trail, gathered.waiting, gathered.hand_offs)
        moved = line_words(gathered.hand_offs)
        yield "Graph", [_figure(graph_svg(layers(shown), moved, times.waits(), gathered.at), len(plan.steps))]
        shapes = tag(
            "p", "Filled: at work. Outlined: an attempt that failed. Violet: waited for people.", class_="quiet"
        )
        yield "Timeline", [timeline_svg(times, gathered.at), shapes]
    yield "Decisions and receipts", _decided(gathered)
    yield "Trail", _trail(gathered)
    yield "Hand-offs", _hand_offs(gathered)
    yield "Access", _access(gathered)
    if gathered.snapshot is not None:
        yield f"State, revision {gathered.snapshot.revision:,}", _state(gathered)
    if gathered.lacks:
        yield "What could not be read", [tag("p", f"{name}: {why}") for name, why in gathered.lacks]


def _figure(svg: Markup, steps: int) -> Markup:
    more = [tag("p", f"The first {MOST_STEPS:,} of {steps:,} steps.", class_="quiet")] if steps > MOST_STEPS else []
    return tag("div", svg, *more)


def _decided(gathered: Gathered) -> Iterator[Markup]:
    rows = decision_rows(gathered.decisions, gathered.trail)
    if not rows:
        yield tag("p", "None.", class_="quiet")
        return
    own = f"“{OWN}”: signed and kept here, with the receipt that this desk compared. "
    yield tag("p", f"{own}“{READ}”: what the run tells; the receipt lies at the desk that decided.", class_="quiet")
    told = [[_moment(row.at), row.who, row.on, row.reason, row.signed, row.receipt, row.source] for row in rows]
    yield _table(("Signed", "Who and what", "On", "Reason", "Digest and key", "Receipt", "From"), told)


def _trail(gathered: Gathered) -> Iterator[Markup]:
    count = len(gathered.trail)
    of = f" of {gathered.total:,}" if gathered.total is not None and not gathered.is_whole else ""
    which = "All" if gathered.is_whole else "The newest"
    yield tag("p", f"{which} {count:,}{of} entries, oldest first.", class_="quiet")
    for entry in gathered.trail:
        yield _entry(entry)


def _entry(entry: TrailEntry) -> Markup:
    word = LOOKS[entry.kind][0]
    is_bad = entry.is_failed or entry.kind is TrailKind.FAILED_ATTEMPT
    about = [part for part in (entry.step, entry.agent) if part]
    about += [f"attempt {entry.attempt}"] if entry.attempt > 1 else []
    about += [f"{tokens(entry.tokens)} tokens"] if entry.tokens else []
    about += [f"cost {cost(entry.cost)}"] if entry.cost else []
    head = tag(
        "p",
        tag("span", _moment(entry.at), class_="time"),
        " ",
        tag("span", word, class_="kind crit" if is_bad else "kind"),
        " ",
        text(entry.title, LONG),
        " ",
        tag("span", text(" · ".join(about), LONG), class_="quiet"),
    )
    parts: list[Part] = [head]
    if entry.text:
        parts.append(tag("p", text(entry.text, VALUE)))
    if entry.data:
        told = pretty(dict(entry.data), VALUE)
        more = " (its beginning)" if told.is_cut else ""
        parts.append(tag("details", tag("summary", f"Data{more}"), tag("pre", text(told.text, VALUE + LONG))))
    if entry.whole is not None:
        parts.append(tag("p", f"This is its beginning; all of it has {size(entry.whole.size)}.", class_="quiet"))
    return tag("div", *parts, class_="entry")


def _hand_offs(gathered: Gathered) -> Iterator[Markup]:
    rows = hand_off_rows(gathered.hand_offs, gathered.steps)
    if not rows:
        yield tag("p", "None is known.", class_="quiet")
        return
    told = [
        [
            f"{row.start} → {row.end}",
            row.used_words,
            _remarks(row, are_lost=True),
            _remarks(row, are_lost=False),
            " · ".join(row.facts),
            row.at,
        ]
        for row in rows
    ]
    yield _table(("From and to", "Used", "Lost", "Carried", "Size and owner", "At"), told)


def _remarks(row: HandOffRow, *, are_lost: bool) -> str:
    return "\n".join(f"{one.word}: {one.text}" for one in row.remarks if one.is_lost is are_lost)


def _access(gathered: Gathered) -> Iterator[Markup]:
    rows = access_rows(gathered.access, gathered.steps)
    if not rows:
        yield tag("p", "None is known.", class_="quiet")
        return
    told = [[*(plain(cell) for cell in row.cells), "; ".join(plain(cell) for cell in row.breaches)] for row in rows]
    yield _table((*HEADINGS, "Refused"), told)


def _state(gathered: Gathered) -> Iterator[Markup]:
    facts = gathered.snapshot.facts if gathered.snapshot is not None else ()
    rows = [[fact.name, pretty(fact.value, LONG).text, str(fact.standing), fact.by_step] for fact in facts]
    yield _table(("Name", "Value", "Standing", "By step"), rows)


def _foot(gathered: Gathered) -> Markup:
    of = f" over the connection {gathered.connection[:200]}" if gathered.connection else ""
    words = (
        f"Read{of} at {_moment(gathered.at)} and written by Clearance. It shows what was read then and is not signed: "
        "for proof there is “clearance run export”."
    )
    return tag("p", words, class_="quiet")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    head = tag("tr", *(tag("th", heading) for heading in headings))
    return tag("table", head, *(tag("tr", *(tag("td", text(cell, VALUE)) for cell in row)) for row in rows))


def _moment(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if moment is not None else ""


def _variables(colours: Colours) -> str:
    return "".join(f"--{name}:{getattr(colours, name)};" for name in USED)


def _encoded(parts: Iterable[Markup]) -> Iterator[bytes]:
    for part in parts:
        yield part.html.encode("utf-8", "replace") + b"\n"
