"""What a run of mdpc with nothing to do costs, beside a plain loop over PyGithub and jira; see benchmarks/README.md."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import measured
from benchmarks.trackers import GITHUB_TOKEN, JIRA_TOKEN, JIRA_USER, MILESTONES, VERSIONS, Trackers, running

CONFIGURATION = """\
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[connectors.jira]
url = "{jira}"
projects = ["P*"]
[limits]
adopt = {milestones}
"""
HEADINGS = f"{'':<32}{'GitHub req.':>12}{'Jira req.':>11}{'wall time s':>13}{'peak MiB':>10}"
TIMES_FASTER = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way of reading everything took; `label` says which."""

    label: str
    github: int
    jira: int
    seconds: float
    peak: float

    def __str__(self) -> str:
        return f"{self.label:<32}{self.github:>12,}{self.jira:>11,}{self.seconds:>13.1f}{self.peak:>10.0f}"


@dataclass(frozen=True, slots=True)
class Bench:
    """The running sandbox, how much is in it, and the commands' surroundings."""

    trackers: Trackers
    repositories: int
    projects: int
    folder: Path
    environment: Mapping[str, str]

    def mdpc(self, command: str) -> tuple[Cost, int]:
        """Run a command of mdpc's: its cost and its number of changes. Ends the benchmark if it read too little."""
        config, output = self.folder / "mdpc.toml", self.folder / "plan.json"
        expected = {"github": self.repositories * MILESTONES, "jira": self.projects * VERSIONS}
        addresses = {"github": self.trackers.github_url, "jira": self.trackers.jira_url}
        config.write_text(CONFIGURATION.format(**addresses, milestones=sum(expected.values())), encoding="utf-8")
        options = [f"--config={config}", "--format=json", f"--output={output}"]
        mdpc = [sys.executable, "-c", "from mdpc.cli import main; main()"]  # what the command `mdpc` runs
        took = measured([*mdpc, command, *options], self.environment)
        plan, met = json.loads(output.read_text(encoding="utf-8")), self.trackers.requests()
        if plan["stats"]["records"] != expected or met["writes"] > len(plan["changes"]):
            raise SystemExit(f"mdpc {command} went wrong: read {plan['stats']}, sent {met}, expected {expected}")
        changes = len(plan["changes"])
        label = f"mdpc {command}, {changes} changes"
        return Cost(label, met["github"], met["jira"], took.seconds, took.peak), changes

    def plain_loop(self, share: float) -> Cost:
        """Run the plain loop on a share of the containers; its requests and time are multiplied to the whole."""
        some = {"github": math.ceil(self.repositories * share), "jira": math.ceil(self.projects * share)}
        times = {"github": self.repositories / some["github"], "jira": self.projects / some["jira"]}
        where = [self.trackers.github_url, str(some["github"]), self.trackers.jira_url, str(some["jira"])]
        took = measured([sys.executable, "-m", "benchmarks.plain_loop", *where], self.environment)
        read, met = json.loads(took.output), self.trackers.requests()
        found = (read["github"]["milestones"], read["jira"]["milestones"])
        if found != (some["github"] * MILESTONES, some["jira"] * VERSIONS):
            raise SystemExit(f"The plain loop went wrong: it read {found} milestones of {some} containers.")
        github, jira = (round(met[tracker] * times[tracker]) for tracker in ("github", "jira"))
        seconds = took.seconds + sum(read[tracker]["seconds"] * (times[tracker] - 1) for tracker in times)
        label = "plain loop" if share == 1 else f"plain loop, scaled from {share:.0%}"
        return Cost(label, github, jira, seconds, took.peak)


def run(repositories: int, projects: int, latency_ms: float, plain_share: float) -> bool:
    """Measure and print everything; whether every aim was reached."""
    with running(repositories, projects) as trackers, tempfile.TemporaryDirectory() as folder:
        bench = Bench(trackers, repositories, projects, Path(folder), _environment())
        _tell("the first sync, without latency: every milestone gets its status")
        bench.mdpc("sync")
        trackers.set_latency(latency_ms)
        _tell("with nothing to do: mdpc plan, then mdpc sync")
        (plan, planned), (sync, synced) = bench.mdpc("plan"), bench.mdpc("sync")
        _tell("the plain loop")
        plain = bench.plain_loop(plain_share)
    print(f"{repositories:,} repositories with {MILESTONES} open milestones each, {projects:,} Jira Cloud projects")
    print(f"with {VERSIONS} versions each, {latency_ms:g} ms of latency a request:\n")
    print(HEADINGS, plan, sync, plain, "", sep="\n")
    return _judged(plan, plain, planned + synced, repositories, projects)


def _judged(plan: Cost, plain: Cost, changes: int, repositories: int, projects: int) -> bool:
    """Print the ratios, and each aim with what became of it."""
    fewer, faster = (plain.github / plan.github, plain.jira / plan.jira), plain.seconds / plan.seconds
    print(f"mdpc plan against the plain loop: {fewer[0]:.0f} times fewer requests to GitHub, {fewer[1]:.0f} to Jira;")
    print(f"{faster:.1f} times faster\n")
    github, jira = 5 + math.ceil(repositories / 50), 10 + projects
    aims = {
        "nothing to write": changes == 0,
        f"at most {github} requests to GitHub (5, and one for 50 repositories)": plan.github <= github,
        f"at most {jira} requests to Jira (10, and one a project)": plan.jira <= jira,
        f"{TIMES_FASTER} times faster than the plain loop": faster >= TIMES_FASTER,
    }
    for aim, reached in aims.items():
        print(f"{'reached' if reached else 'missed':<9}{aim}")
    return all(aims.values())


def _environment() -> dict[str, str]:
    """The environment of what is measured: the sandbox's tokens, no settings of anybody's own, no proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MDPC_")}
    jira = {"MDPC_CONNECTORS__JIRA__USER": JIRA_USER, "MDPC_CONNECTORS__JIRA__TOKEN": JIRA_TOKEN}
    return kept | {"NO_PROXY": "127.0.0.1", "MDPC_CONNECTORS__GITHUB__TOKEN": GITHUB_TOKEN} | jira


def _tell(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Read the options and measure; ends with 1 where an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle_run", description=__doc__)
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument(
        "--plain-share", type=float, default=1, help="share of the containers that the plain loop reads"
    )
    options = parser.parse_args()
    if options.repositories < 1 or options.projects < 1 or not 0 < options.plain_share <= 1:
        parser.error("sizes are at least 1, and the share is above 0 and at most 1")
    sys.exit(0 if run(**vars(options)) else 1)


if __name__ == "__main__":
    main()
