"""The templates of a team's own: which files they are, read and tried before anything depends on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mdpc.samples import samples_of
from mdpc.settings import Settings
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, quoted
from mdpc.templates import ACHIEVED, LANGUAGES, NOTICE
from mdpc.templating import TemplateFault, Text, checked, rendered

_SUFFIX = ".md"
_FOLDER: KeyPath = ("escalation", "templates")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A text that may have a template: by which name it is known, its kind, the names of files that it may stand in.

    `path` is where the configuration names the file; () where it does not, and the folder is looked through.
    """

    text: str
    kind: str
    names: tuple[str, ...]
    path: KeyPath = ()


def with_templates(settings: Settings, folder: Path, problems: Problems) -> Settings:
    """The settings with the team's own templates; `folder` is the configuration's. What is wrong is a problem."""
    table = settings.escalation
    place = folder / table.templates if table.templates else folder
    if table.templates and not place.is_dir():
        problems.add(_FOLDER, f"there is no folder {place}", "make it, or name another")
        return settings
    wanted = list(_wanted(settings))
    texts: dict[str, Text] = {}
    for each in wanted:
        if each.path or table.templates:
            found = _read(each, place, table.language, problems)
            texts |= {each.text: found} if found else {}
    for text, kind in dict.fromkeys((texts[each.text], each.kind) for each in wanted if each.text in texts):
        _try(text, kind, settings, problems)
    if table.templates and not texts and not any(each.path for each in wanted):
        known = ", ".join(f"{name}{_SUFFIX}" for name in dict.fromkeys(name for each in wanted for name in each.names))
        step = f"those that count are called {known}" if known else "nothing is sent: there are no steps"
        problems.add(_FOLDER, f"{place} holds no template", step)
    _check_language(table.language, place, settings, problems)
    return settings.with_texts(texts)


def _wanted(settings: Settings) -> Iterator[_Wanted]:
    for number, step in enumerate(settings.escalation.steps):
        named = ("escalation", "steps", number, "template") if step.template else ()
        yield _Wanted(step.text, NOTICE, (step.template,) if step.template else (step.at, NOTICE), named)
    if settings.celebrate is not None:
        own = settings.celebrate.template
        yield _Wanted(settings.celebrate.text, ACHIEVED, (own or ACHIEVED,), ("celebrate", "template") if own else ())


def _read(wanted: _Wanted, folder: Path, language: str, problems: Problems) -> Text | None:
    """The first of the files that a text may stand in: for each name that of the language first."""
    for name in wanted.names:
        plain = name.removesuffix(_SUFFIX)
        for path in (folder / f"{plain}.{language}{_SUFFIX}", folder / f"{plain}{_SUFFIX}"):
            if path.is_file():
                return _text(path, problems)
    if wanted.path:
        path = folder / f"{wanted.names[0].removesuffix(_SUFFIX)}{_SUFFIX}"
        problems.add(wanted.path, f"there is no file {path}", "write it, or name another")
    return None


def _text(path: Path, problems: Problems) -> Text | None:
    there = problems.of_file(str(path), None)
    try:
        return Text(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError:
        there.add((), "this is not text in UTF-8", "save it in that encoding")
    except OSError as error:
        there.add((), f"cannot be read ({error.strerror})", "name a file that can be")
    return None


def _try(text: Text, kind: str, settings: Settings, problems: Problems) -> None:
    """Render a template against everything that a milestone can be: what fails here would fail on that day."""
    there = problems.of_file(text.file, None)
    try:
        for sample in samples_of(kind, settings):
            checked(text, frozenset(sample.facts))
            rendered(text, sample.facts, sample.markup)
    except TemplateFault as fault:
        step = "docs/templates.md lists the facts and what can be done with them"
        if fault.line is None:
            there.add((), fault.what, step)
        else:
            there.add_line(fault.line, fault.what, step)


def _check_language(language: str, folder: Path, settings: Settings, problems: Problems) -> None:
    """Report a language that mdpc has no texts in, and the team has none either."""
    known = language in LANGUAGES or (settings.escalation.templates and any(folder.glob(f"*.{language}{_SUFFIX}")))
    if not known:
        what = f"mdpc has no texts in {quoted(language)}"
        step = f'write templates such as {NOTICE}.{language}{_SUFFIX} into `templates`, or "en" or "de"'
        problems.add(("escalation", "language"), what, step)
