"""The kinds of orchestrators that Clearance connects to, each behind the one port (:mod:`console.engines.port`).

Engines do not know each other; only ``console.app`` names concrete ones.
"""
