"""What lies between the product and the machine: folders, settings, secrets, keys, logs, tasks, clocks, locks, threads.

Nothing here knows an inbox or an engine. Each thing takes what it needs in its constructor; nothing is global.
"""
