"""A runner of GitHub Actions, as far as a composite action's own `run:` steps need one."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from mdpc.commands.github_action import main

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Ran:
    """What the steps left: the status of the last, its log, its outputs and its summary."""

    status: int
    log: str
    outputs: dict[str, Any]
    summary: str


@dataclass
class Runner:
    """A fresh workspace with a configuration, in which the action runs. Installed is what runs the tests."""

    folder: Path
    configuration: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, event: str, payload: object, **inputs: str) -> Ran:
        """All `run:` steps of action.yml, each in its own bash, with what the runner sets."""
        environ, files = self._prepared(event, payload)
        temp = self.folder / "temp"
        self._installed(temp)
        given = self._given(inputs)
        log, status = "", 0
        for step in ACTION["runs"]["steps"]:
            if "run" not in step:
                continue
            assert "${{" not in step["run"], "an expression in a shell is an injection"
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.folder / "workspace",
                env={**environ, **_env_of(step, given), **self.environment},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            log, status = log + done.stdout + done.stderr, done.returncode
            if status:
                break
        return _ran(status, log, files)

    def call(self, patch: pytest.MonkeyPatch, event: str, payload: object, **inputs: str) -> Ran:
        """What the step that runs mdpc does, in this process: quicker, for what does not depend on the steps."""
        environ, files = self._prepared(event, payload)
        (step,) = (each for each in ACTION["runs"]["steps"] if each.get("id") == "mdpc")
        for name, value in {**environ, **_env_of(step, self._given(inputs)), **self.environment}.items():
            patch.setenv(name, value)
        patch.chdir(self.folder / "workspace")
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return _ran(int(ended.value.code or 0), out.getvalue() + err.getvalue(), files)

    def _prepared(self, event: str, payload: object) -> tuple[dict[str, str], dict[str, Path]]:
        """The environment that a runner sets, and the files that it names."""
        workspace, temp = self.folder / "workspace", self.folder / "temp"
        workspace.mkdir(exist_ok=True)
        temp.mkdir(exist_ok=True)
        (workspace / "mdpc.toml").write_text(self.configuration, encoding="utf-8")
        files = {name: self.folder / name for name in ("event.json", "output", "summary")}
        files["event.json"].write_text(json.dumps(payload), encoding="utf-8")
        for name in ("output", "summary"):
            files[name].write_text("", encoding="utf-8")
        environ = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(temp),
        }
        return environ, files

    @staticmethod
    def _given(inputs: Mapping[str, str]) -> dict[str, str]:
        """Every input of the action: what is given, else its default."""
        given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
        return given | {name.replace("_", "-"): value for name, value in inputs.items()}

    @staticmethod
    def _installed(temp: Path) -> None:
        """What the installing step would have made, as a cache would restore it: no test reaches a package index."""
        venv = temp / "mdpc-venv"
        if not venv.exists():
            venv.symlink_to(Path(sys.executable).parent.parent)


def _ran(status: int, log: str, files: Mapping[str, Path]) -> Ran:
    told = (line.partition("=") for line in files["output"].read_text(encoding="utf-8").splitlines())
    outputs = {name: json.loads(value) for name, _, value in told if name != "key"}
    return Ran(status, log, outputs, files["summary"].read_text(encoding="utf-8"))


def _env_of(step: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: _filled(str(text), inputs) for name, text in step.get("env", {}).items()}


def _filled(text: str, inputs: Mapping[str, str]) -> str:
    """A value of `env:` with the runner's expressions replaced."""

    def value(found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(".")
        return {"inputs": inputs.get(name, ""), "github": "sandbox-write"}[kind]

    return _EXPRESSION.sub(value, _EXPRESSION.sub(value, text))
