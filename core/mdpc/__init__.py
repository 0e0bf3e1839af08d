"""mdpc: Milestone-Driven Project Coordination over the trackers a team already has."""

__version__ = "0.1.0"
