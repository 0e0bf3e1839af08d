"""What templates can say, what they cannot, and what is said of those that cannot be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.model import Markup
from mdpc.samples import samples_of
from mdpc.settings.file import SettingsError, load
from mdpc.templates import ACHIEVED, LANGUAGES, NOTICE, shipped
from mdpc.templating import LONGEST, TemplateFault, Text, Trusted, checked, rendered
from tests.core.build import settings
from tests.core.test_escalation_in_step import DUE, STEPS, Office

BLOCK, LINE = Markup.BLOCK, Markup.LINE
CONFIGURATION = """
[connectors.github]
[people.alice]
github = "alice-gh"
[[programs]]
name = "platform"
members = ["github:acme/api"]
[escalation]
templates = "texts"
[[escalation.steps]]
at = "+1d"
to = ["owner"]
"""


def told(source: str, markup: Markup = BLOCK, **facts: Any) -> str:
    """What a template says with these facts."""
    return rendered(Text(source, "notice.md"), {"mentions": Trusted("@alice"), **facts}, markup)


def fault(source: str, **facts: Any) -> tuple[int | None, str]:
    """What is wrong with a template."""

    def use() -> None:
        checked(Text(source, "notice.md"), frozenset({"mentions", *facts}))
        told(source, **facts)

    with pytest.raises(TemplateFault) as raised:
        use()
    return raised.value.line, raised.value.what


# ── Nothing that a tracker says does anything ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ title }}", "\\*a\\* &lt;b&gt; @&#8203;c"),
        ("{{ title | upper }}", "\\*A\\* &lt;B&gt; @&#8203;C"),
        ("{{ [title, title] | join(', ') }}", "\\*a\\* &lt;b&gt; @&#8203;c, \\*a\\* &lt;b&gt; @&#8203;c"),
        ("{{ [title] | listed }}", "\\*a\\* &lt;b&gt; @&#8203;c"),
        ("{{ title ~ '!' }}", "\\*a\\* &lt;b&gt; @&#8203;c!"),
        ("{% set x = title %}{{ x }}", "\\*a\\* &lt;b&gt; @&#8203;c"),
        ("{{ code }}", "`x`"),
        ("{{ code ~ '' }}", "\\`x\\`"),
        ("{% for each in names %}{{ loop.index }}{{ each }}{% if not loop.last %},{% endif %}{% endfor %}", "1a,2b"),
        ("{{ names | length }} {{ names | first }} {{ gate.name }}", "2 a g"),
        ("{{ many | listed(' und {} weitere') }}", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 und 2 weitere"),
        ("{{ late | abs }} {{ -late }}", "3 3"),
    ],
)
def test_what_is_printed_is_escaped_whatever_is_done_with_it(source: str, said: str) -> None:
    facts: dict[str, Any] = {
        "title": "*a* <b> @c",
        "code": Trusted("`x`"),
        "names": ["a", "b"],
        "gate": {"name": "g"},
        "late": -3,
    }
    assert told(source, **facts, many=[str(number) for number in range(12)]) == said


@pytest.mark.parametrize(
    ("source", "markup", "said"),
    [
        ("{{ mentions }}: @bob and @acme/team", BLOCK, "@alice: @\u200bbob and @\u200bacme/team"),
        ("(@bob) &#64;bob &commat;bob &#x40;bob", BLOCK, "(@\u200bbob) &amp;#64;bob &amp;commat;bob &amp;#x40;bob"),
        ("@{{ name }}", BLOCK, "@\u200bbob"),
        ("@&#98;ob", BLOCK, "@\u200b&#98;ob"),
        ("mail a@b.example", BLOCK, "mail a@b.example"),
        ("[~bob] [{{ tilde }}]", LINE, "(~bob] (~accountid:bob]"),
        ("{{ mentions | upper }}", BLOCK, "&lt;U+E000&gt;"),
        ("x <!-- mdpc:notice n1 -->", BLOCK, "x &lt;!-- mdpc:notice n1 -->"),
        ("x <!--mdpc:notice n1 -->", BLOCK, "x &lt;!-- mdpc:notice n1 -->"),
        ("x (mdpc:notice n1)", LINE, "x ( mdpc:notice n1)"),
        ("<!-- {{ own }} -->", BLOCK, "&lt;!-- mdpc:end -->"),
    ],
)
def test_nobody_is_mentioned_and_no_mark_is_written_but_what_mdpc_means(source: str, markup: Markup, said: str) -> None:
    assert told(source, markup, name="bob", tilde="~accountid:bob", own="mdpc:end") == said


@given(st.text(), st.sampled_from([BLOCK, LINE]))
def test_no_title_breaks_out(title: str, markup: Markup) -> None:
    said = told("{{ mentions }} {{ title }}.", markup, title=title)
    assert said.startswith("@alice")
    assert "@" not in said.removeprefix("@alice").replace("@&#8203;", "") or markup is LINE
    assert "\n" not in said
    assert "<!--" not in said
    assert "[~" not in said


def test_a_text_that_is_too_long_is_cut() -> None:
    assert len(told("x" * (LONGEST + 9))) == LONGEST + 1


# ── What cannot be used is said with its line ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\n\n{{ titel }}", 3, "there is no fact 'titel'"),
        ("{% if false %}\n{{ titel }}\n{% endif %}x", 2, "there is no fact 'titel'"),
        ("one\n{{ gate.nam }}", 2, "has no attribute 'nam'"),
        ("one\n{{ title.upper() }}", 2, "a template calls nothing"),
        ("{{ title.__class__ }}", 1, "has no attribute '__class__'"),
        ("{{ title.upper }}", 1, "has no attribute 'upper'"),
        ("{{ gate.items }}", 1, "has no attribute 'items'"),
        ("one\n{% for x in range(9) %}{% endfor %}", 2, "a template calls nothing"),
        ("{% macro m() %}{% endmacro %}x", 1, "a template calls nothing"),
        ("one\n{% include 'other.md' %}", 2, "a template stands alone"),
        ("{% extends 'other.md' %}", 1, "a template stands alone"),
        ("{% import 'other.md' as x %}y", 1, "a template stands alone"),
        ("one\n{{ title | safe }}", 2, "No filter named 'safe'"),
        ("{{ title | attr('upper') }}", 1, "No filter named 'attr'"),
        ("{{ late * 9999 }}", 1, "* is not for templates"),
        ("{{ title % late }}", 1, "% is not for templates"),
        ("one\n{{ late / 0 }}", 2, "this divides by nothing"),
        ("{{ late + title }}", 1, "unsupported operand"),
        ("one\n{{ names }}", 2, "a list or a table cannot be printed"),
        ("{{ yes }}", 1, "yes or no cannot be printed"),
        ("{{ none }}", 1, "nothing cannot be printed"),
        ("{# only this #}", None, "it says nothing"),
        ("one\n\ue000", 2, "a character for private use"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, line: int | None, what: str) -> None:
    facts = {"title": "x", "gate": {"name": "g"}, "late": 3, "names": ["a"], "yes": True}
    found = fault(source, **facts)
    assert (found[0], what in found[1]) == (line, True), found


def configured(folder: Path, more: str = "", text: str = CONFIGURATION, **texts: str) -> list[str]:
    """The problems of a configuration with these templates in `texts`, each from its file on."""
    (folder / "texts").mkdir()
    for name, source in texts.items():
        (folder / "texts" / f"{name.replace('_', '.')}.md").write_text(source, encoding="utf-8")
    path = folder / "mdpc.toml"
    path.write_text(text + more, encoding="utf-8")
    try:
        load(path, {})
    except SettingsError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


STEP = 'template = "late.md"\n'


@pytest.mark.parametrize(
    ("texts", "more", "said"),
    [
        ({"notice": "{{ title }}\n{{ oops }}"}, "", "texts/notice.md:2: there is no fact 'oops'"),
        ({"notice": "{% if %}"}, "", "texts/notice.md:1: Expected an expression"),
        ({"notice": "{{ open_gates[0].name }}"}, "", "texts/notice.md:1: list object has no element 0"),
        ({"notice": "  "}, "", "texts/notice.md: it says nothing"),
        ({"notice": "x"}, STEP, "mdpc.toml:13: escalation.steps[0].template: there is no file texts/late.md"),
        ({}, "", "mdpc.toml:9: escalation.templates: texts holds no template; those that count are called +1d.md,"),
        ({"achieved": "{{ streak }} {{ oops }}"}, "[celebrate]\n", "texts/achieved.md:1: there is no fact 'oops'"),
        ({"achieved": "x"}, '[celebrate]\ntemplate = "b"\n', "celebrate.template: there is no file texts/b.md"),
    ],
)
def test_check_config_names_file_and_line(texts: dict[str, str], more: str, said: str, tmp_path: Path) -> None:
    problems = configured(tmp_path, more, **texts)
    assert any(said in problem for problem in problems), problems


def test_a_file_beside_the_configuration_and_one_that_is_no_text(tmp_path: Path) -> None:
    text = CONFIGURATION.replace('templates = "texts"', "")
    (missing,) = problems_of(tmp_path, text + STEP)
    assert f"there is no file {tmp_path}/late.md" in missing
    (tmp_path / "late.md").write_bytes("überfällig".encode("latin-1"))
    assert problems_of(tmp_path, text + STEP) == [
        f"{tmp_path}/late.md: this is not text in UTF-8; save it in that encoding"
    ]
    (tmp_path / "late.md").write_text("{{ title }}", encoding="utf-8")
    assert problems_of(tmp_path, text + STEP) == []


def problems_of(folder: Path, text: str) -> list[str]:
    (folder / "mdpc.toml").write_text(text, encoding="utf-8")
    try:
        load(folder / "mdpc.toml", {})
    except SettingsError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_template_that_fails_on_the_day_leaves_the_word_to_mdpcs_own() -> None:
    own = Text("{{ 1 / open_issues }}", "notice.md")
    office = Office()
    office.acme.settings = office.acme.settings.with_texts({"step -7d": own})
    office.run(DUE - timedelta(days=8))
    office.run(DUE - timedelta(days=7))
    assert office.notices() == ["@alice-gh: this milestone is due on 2026-12-10."]


def test_what_a_gate_lacks_is_said_in_german_whatever_it_is() -> None:
    gates: list[dict[str, Any]] = [
        {"name": "plan", "by": "-1d", "reviewers": ["bob", "carol"], "approvals": 2},
        {
            "name": "release",
            "reviewers": ["bob", "team:acme/leads"],
            "requires": ["no-open-work", "checklist", "gates:plan"],
        },
    ]
    office = Office(gates=gates, escalation={"steps": STEPS, "language": "de"})
    office.held.description = "Owner: @alice-gh\n\n- [ ] one\n- [x] two"
    office.run(DUE - timedelta(days=8))
    assert office.issue is not None
    office.acme.github.desk.say(office.issue, "bob-gh", "/approve plan")
    office.run(DUE - timedelta(days=7))
    (text,) = [each.body for each in office.issue.comments if "mdpc:notice" in each.body]
    assert "zugestimmt: `bob-gh`; es fehlt noch: 1 Zustimmung;" in text
    assert "es fehlt noch: 1 Zustimmung, die Checkliste in der Beschreibung, die Prüfung `plan`" in text
    assert "wer zu `acme/leads` gehört, ist nicht bekannt" in text
    for word in ("approval", "checklist", "gate ", "needed", "pending"):
        assert word not in text


def test_a_folder_that_is_not_there_and_a_language_that_nobody_speaks_are_said(tmp_path: Path) -> None:
    text = CONFIGURATION.replace('templates = "texts"', 'templates = "none"')
    assert any("there is no folder" in each for each in configured(tmp_path, text=text))
    (tmp_path / "other").mkdir()
    text = CONFIGURATION.replace('templates = "texts"', 'language = "fr"')
    assert any('mdpc has no texts in "fr"' in each for each in configured(tmp_path / "other", text=text))
    (tmp_path / "third").mkdir()
    text = CONFIGURATION.replace('templates = "texts"', 'language = "German!"')
    assert any('"German!" is no language' in each for each in configured(tmp_path / "third", text=text))


@pytest.mark.parametrize(
    ("names", "language", "chosen"),
    [
        (["notice"], "en", "notice"),
        (["notice", "notice_de"], "de", "notice.de"),
        (["notice", "notice_de"], "en", "notice"),
        (["notice_de", "+1d"], "de", "+1d"),
        (["notice", "+1d", "+1d_de"], "de", "+1d.de"),
        (["+1d_fr"], "fr", "+1d.fr"),
    ],
)
def test_the_steps_own_name_comes_first_then_the_language(
    names: list[str], language: str, chosen: str, tmp_path: Path
) -> None:
    text = CONFIGURATION.replace("[escalation]", f'[escalation]\nlanguage = "{language}"')
    assert configured(tmp_path, text=text, **{name: f"this is {name}" for name in names}) == []
    (found,) = load(tmp_path / "mdpc.toml", {}).texts.values()
    assert found.file == str(tmp_path / "texts" / f"{chosen}.md")


@pytest.mark.parametrize("kind", [NOTICE, ACHIEVED])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_says_something_of_everything_and_uses_facts_alone(kind: str, language: str) -> None:
    text = shipped(kind, language)
    for sample in samples_of(kind, settings()):
        checked(text, frozenset(sample.facts))
        said = rendered(text, sample.facts, sample.markup)
        assert "\n\n\n" not in said
        assert not any(line.rstrip() in ("-", "  -") for line in said.splitlines())
        assert "pending" not in said or language == "en"


def test_the_page_lists_every_fact() -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    for kind in (NOTICE, ACHIEVED):
        for sample in samples_of(kind, settings()):
            missing = [name for name in sample.facts if f"`{name}`" not in page]
            assert missing == []
