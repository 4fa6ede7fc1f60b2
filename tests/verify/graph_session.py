"""A graph with the example's node, driven by lines of JSON: the other side of ``test_examples``.

It runs where only LangGraph and what the check needs are installed. Arguments: place, tower, root key, keys, books.
A line is ``{"thread", "does": "begin"|"resume", "said", "at"}``.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from resources.examples.langgraph_node import Payments, graph


def main() -> None:
    """Answer each line with what the thread asks, its state, and where it stands."""
    place, tower, root_key, keys, books = sys.argv[1:]
    root = base64.b64decode(root_key)
    payments = Payments(place=place, tower=tower, root=root, keys=Path(keys), books=Path(books))
    running = graph(payments, InMemorySaver())
    for line in sys.stdin:
        told = json.loads(line)
        named: dict[str, Any] = {"thread_id": told["thread"]}
        at = {"checkpoint_id": told["at"]} if told["at"] else {}
        said = Command(resume=told["said"]) if told["does"] == "resume" else told["said"]
        running.invoke(said, {"configurable": named | at})
        now = running.get_state({"configurable": named})
        answer = {
            "asked": now.interrupts[0].value if now.interrupts else None,
            "state": now.values,
            "at": now.config["configurable"]["checkpoint_id"],
            "loaded": sorted(sys.modules),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
