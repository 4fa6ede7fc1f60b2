"""The built-in orchestrator: agent workflows on Temporal. Agents propose, people decide, the executor acts once."""
