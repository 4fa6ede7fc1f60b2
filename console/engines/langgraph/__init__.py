"""LangGraph servers: threads that an interrupt stopped, decided by runs that resume just that interrupt, over HTTP.

``engine`` keeps the port; ``line`` talks, ``errors`` names what went wrong; ``schemas`` reads what an interrupt asks
for and ``answers`` writes what is sent back; ``waits`` makes items of threads, ``listing`` and ``follow`` find them;
``deliver`` and ``acts`` carry decisions and ``landed`` proves which one counted; ``notes`` keeps claims, comments and
parts of decisions with a thread; ``history``, ``trail``, ``steps`` and ``runs`` show it.
"""
