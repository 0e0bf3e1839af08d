"""What a page shows: the commands that it has people type, the files it has them write, and what they are to see.

Pages write commands in indented blocks, in fences of `sh`, with or without `$`, and within sentences, where `mdpc plan`
alone is but the name of a command. An indented block that does not begin with a program, and a fence of `text`, is what
the commands before it say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SHELL = (".", "bash", "cat", "cp", "curl", "export", "flock", "git", "gh", "mkdir", "sh", "source", "sudo")
_INSTALL = ("apt-get", "brew", "docker", "kubectl", "npx", "pip", "pipx", "podman", "python", "python3", "uv", "uvx")
PROGRAMS = frozenset({"mdpc", *_SHELL, *_INSTALL})
_ASSIGNED = re.compile(r"[A-Z_]+=\S+ ")
_NAME = re.compile(r"(mdpc )?[\w.-]+")
_PATHS = (".venv/bin/", "./")


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a page shows, in its order: a command, the configuration, or what commands say."""

    kind: Literal["command", "configuration", "output"]
    text: str
    line: int


def shown(page: str) -> list[Shown]:
    """Everything that a page of Markdown shows, in its order."""
    return [each for token in MarkdownIt("commonmark").enable("table").parse(page) for each in _of(token)]


def _of(token: Token) -> Iterator[Shown]:
    line = token.map[0] + 1 if token.map else 0
    if token.type == "fence" and token.info.split()[:1] == ["toml"]:
        yield Shown("configuration", token.content, line)
    elif token.type == "fence" and token.info.split()[:1] in (["sh"], ["bash"], ["console"], ["shell"]):
        yield from (Shown("command", command, line) for command in _commands(token.content))
    elif token.type == "code_block":
        for part in re.split(r"\n\s*\n", token.content):
            if is_command(part):
                yield from (Shown("command", command, line) for command in _commands(part))
            else:
                yield Shown("output", part, line)
    elif token.type == "fence" and token.info.split()[:1] in ([], ["text"]):
        yield Shown("output", token.content, line)
    elif token.type == "inline":
        for child in token.children or ():
            if child.type == "code_inline" and is_command(child.content) and not _NAME.fullmatch(child.content):
                yield Shown("command", child.content, line)


def is_command(text: str) -> bool:
    """Whether a text begins as a command does."""
    word = _ASSIGNED.sub("", text.strip().removeprefix("$ ")).split()[:1]
    for path in _PATHS:
        word = [each.removeprefix(path) for each in word]
    return bool(PROGRAMS.intersection(word))


def _commands(block: str) -> Iterator[str]:
    """The commands of a block; one that ends in a backslash goes on in the next line."""
    for command in re.sub(r"\\\n\s*", "", block).splitlines():
        if command.strip() and not command.lstrip().startswith("#"):
            yield command.strip().removeprefix("$ ")


def plain(text: str) -> str:
    """What is read of a text: without the marks of Markdown, the demo's frames and line breaks."""
    text = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text.replace("│", " ").replace("**", "").replace("`", ""))
    return " ".join(text.split())


def missing(output: str, said: str) -> list[str]:
    """The lines of a shown output that the commands did not say, in that order; `…` stands for what is left out."""
    rest, lost = plain(said), []
    for line in filter(None, map(plain, output.splitlines())):
        if line == "…":
            continue
        before, found, after = rest.partition(line)
        rest = after if found else before
        lost += [] if found else [line]
    return lost
