"""People in a file of their own, TOML or CSV: the same people, and every mistake with its file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.settings import Person
from mdpc.settings.file import SettingsError, load
from mdpc.settings.people_rows import sheet_of
from tests.core.settings_text import GITHUB, JIRA

TRACKERS = GITHUB + JIRA
ALICE = """
[people.alice]
github = "alice-gh"
jira = "5b10a2844c20165700ede21g"
manager = "carol"
away = ["2026-12-21/2027-01-06", "2027-02-01"]
delegate = "bob"
[people.bob]
github = "bob-gh"
[people.erin]
gone = true
"""
COMMAS = """name,github,jira,manager,away,delegate,gone
alice,alice-gh,5b10a2844c20165700ede21g,carol,2026-12-21/2027-01-06;2027-02-01,bob,
bob,bob-gh

erin,,,,,,true
"""
SEMICOLONS = """Name; GitHub; JIRA; Manager; Delegate; Gone; Away
alice;alice-gh;5b10a2844c20165700ede21g;carol;bob;no;"2026-12-21/2027-01-06; 2027-02-01"
"bob"; bob-gh;;;;;
erin;;;;;yes;
"""
CAROL = '[people.carol]\ngithub = "carol-gh"\n'


class Folder:
    """A configuration, and what lies beside it."""

    def __init__(self, folder: Path, name: str, people: str | bytes | None, text: str = TRACKERS + CAROL) -> None:
        self.config = folder / "mdpc.toml"
        self.config.write_text(f'people_file = "{name}"\n{text}', encoding="utf-8")
        if people is not None:
            data = people.encode() if isinstance(people, str) else people
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    def people(self, environ: Mapping[str, str] | None = None) -> Mapping[str, Person]:
        return load(self.config, environ or {}).people

    def complaints(self, environ: Mapping[str, str] | None = None) -> list[str]:
        """Every problem as it is told, without the folder."""
        with pytest.raises(SettingsError) as caught:
            self.people(environ)
        return [str(each).replace(f"{self.config.parent}/", "") for each in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("people.toml", ALICE),
        ("people.csv", COMMAS),
        ("people.csv", SEMICOLONS),
        ("people.csv", b"\xef\xbb\xbf" + COMMAS.encode()),
        ("people.toml", b"\xef\xbb\xbf" + ALICE.encode()),
        ("people.csv", COMMAS.replace("\n", "\r\n")),
        ("team/PEOPLE.CSV", COMMAS),
    ],
)
def test_people_of_both_files_are_people(name: str, people: str | bytes, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    plain = (tmp_path / "other" / "mdpc.toml").write_text(TRACKERS + CAROL + ALICE, encoding="utf-8")
    expected = load(tmp_path / "other" / "mdpc.toml", {}).people
    assert plain
    assert dict(Folder(tmp_path / "one", name, people).people()) == dict(expected)
    assert len(expected) == 4


def test_everything_that_names_people_knows_those_of_the_file(tmp_path: Path) -> None:
    text = TRACKERS + CAROL + '[owners.map]\n"*" = "alice"\n[[gates]]\nname = "x"\nreviewers = ["bob"]\n'
    assert "alice" in Folder(tmp_path, "people.csv", COMMAS, text).people()


def test_the_environment_names_the_file_and_completes_its_people(tmp_path: Path) -> None:
    acme = Folder(tmp_path, "people.csv", COMMAS)
    acme.config.write_text(TRACKERS + CAROL, encoding="utf-8")
    assert list(acme.people()) == ["carol"]
    people = acme.people({"MDPC_PEOPLE_FILE": "people.csv", "MDPC_PEOPLE__BOB__MANAGER": "carol"})
    assert people["bob"].manager == "carol"
    assert acme.complaints({"MDPC_PEOPLE_FILE": "people.csv", "MDPC_PEOPLE__BOB__MANAGER": "carl"}) == [
        'environment: MDPC_PEOPLE__BOB__MANAGER: "carl" is nobody in [people]; did you mean "carol"?'
    ]


MANY = """name,github,nickname,manager,away,delegate,gone
alice,alice-gh,x,bob,soon,,no
bob,Alice-GH,,alice,,bobb,yes

carol,c
alice
,x
dan,,,zz,,,maybe
eve,,,,,,,one,more
"""


def test_every_problem_is_told_at_once_with_its_file_and_line(tmp_path: Path) -> None:
    acme = Folder(tmp_path, "people.csv", MANY, TRACKERS + CAROL + "[people.owner]\n")
    columns = 'did you mean "name"?'
    assert acme.complaints() == [
        'mdpc.toml:7: people.owner: "owner" is a role, and hides a person of that name; rename them',
        f"people.csv:1: nickname: there is no such column; {columns}",
        'people.csv:2: people.alice.away[0]: "soon" is no span of days; write "2026-12-21/2027-01-06", or one day',
        'people.csv:2: people.alice.manager: "alice" is their own manager, by way of "bob"; name somebody else, or '
        "leave one of these out",
        'people.csv:3: people.bob.delegate: "bobb" is nobody in [people]; did you mean "bob"?',
        'people.csv:3: people.bob.github: "Alice-GH" is the login of "alice" already; one login is one person: '
        "correct or join them",
        'people.csv:5: people.carol: "carol" is in [people] of the configuration already; leave them out of one of the '
        "two",
        'people.csv:6: people.alice: "alice" stands in line 2 already; join the two rows',
        'people.csv:7: this row names nobody; write who it is in the column "name"',
        "people.csv:8: people.dan.gone: must be true or false; write true or false, without quotes (true: no longer "
        "counts as an owner or reviewer)",
        'people.csv:8: people.dan.manager: "zz" is nobody in [people]; add [people.zz], or leave it out',
        "people.csv:9: people.eve: this row has 9 cells, and there are 7 columns; put a cell that holds the delimiter "
        "in quotation marks",
    ]


def test_a_login_of_the_configuration_is_not_anothers_in_the_file(tmp_path: Path) -> None:
    acme = Folder(tmp_path, "people.toml", ALICE.replace('"bob-gh"', '"carol-gh"'))
    assert acme.complaints() == [
        'people.toml:9: people.bob.github: "carol-gh" is the login of "carol" already; one login is one person: '
        "correct or join them"
    ]


@pytest.mark.parametrize(
    ("name", "people", "complaint"),
    [
        (
            "people.yaml",
            "",
            'mdpc.toml:1: people_file: "people.yaml" is neither TOML nor CSV; name a file that ends in',
        ),
        (
            "people.toml",
            None,
            "mdpc.toml:1: people_file: there is no file people.toml; its place is relative to that",
        ),
        ("people.csv", b"name\n\xff", "mdpc.toml:1: people_file: people.csv is not text in UTF-8; save it in that"),
        ("people.csv", "", "people.csv:1: this file is empty; write the columns first, such as name,github,manager"),
        ("people.csv", "alice,bob\n", 'people.csv:1: no column is called "name"; name the columns in the first row'),
        ("people.csv", "name,github,GitHub\n", "people.csv:1: GitHub: this column stands here twice; leave one of"),
        ("people.csv", "name,\na,b\n", "people.csv:1: a column has no name; name it, or leave it out"),
        ("people.csv", "name,manager.x\n", "people.csv:1: manager.x: there is no such column; did you mean"),
        ("people.csv", 'name\na\n"b\nc', "people.csv:3: this is not CSV: unexpected end of data; a quotation mark"),
        ("people.csv", "name,github\na,@a\n", "people.csv:2: people.a.github: a login stands here without @; write"),
        ("people.toml", "[people.a]\n[people.a]\n", "people.toml:2: this is not TOML: Cannot declare"),
        ("people.toml", "[alice]\n", "people.toml:1: alice: people alone stand in this file; write [people.alice]"),
        ("people.toml", "\nx = 1\n", "people.toml:2: x: people alone stand in this file; leave it out"),
        ("people.toml", "people = 1\n", "people.toml:1: people: must be a table; write [people.NAME] for each person"),
        ("people.toml", "[people]\na = 1\n", "people.toml:2: people.a: must be a table; write the logins into it"),
        ("people.toml", "[people.a]\nx = 1\n", "people.toml:2: people.a.x: there is no such key; the keys here are"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(
    name: str, people: str | bytes | None, complaint: str, tmp_path: Path
) -> None:
    found = Folder(tmp_path, name, people).complaints()
    assert any(each.startswith(complaint) for each in found), found


def test_a_name_that_is_no_text_is_told_once(tmp_path: Path) -> None:
    config = tmp_path / "mdpc.toml"
    config.write_text("people_file = 3\n" + TRACKERS, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mdpc\.toml:1: people_file: must be text") as caught:
        load(config, {})
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("name", "people", "place"),
    [
        ("people.csv", "name,github\na,{}\n", "people.csv:2: people.a.github: "),
        ("people.csv", "name,github,x\na,b,{}\n", "people.csv:2: people.a: "),
        ("people.toml", "[people.a]\ngithub = '{}'\n", "people.toml:2: people.a.github: "),
        ("people.toml", "# {}\n", "people.toml:1: "),
    ],
)
def test_a_secret_in_the_file_is_told_and_never_repeated(name: str, people: str, place: str, tmp_path: Path) -> None:
    secret = "ghp_1234567890abcdefghij"
    found = Folder(tmp_path, name, people.format(secret)).complaints()
    assert len([each for each in found if each.startswith(f"{place}this looks like a GitHub token")]) == 1
    assert secret not in "".join(found)


class Reachable(Person):
    """Somebody with more keys than there are today."""

    email: str | None = None
    handles: Mapping[str, str] = {}


def test_every_key_of_a_person_has_a_column_and_a_table_one_for_each_key() -> None:
    text = "name,EMail,handles.team,Handles. mail ,handles,handles.\na,a@acme.example,U1,,x,x\nb,,,m,,\n"
    found = sheet_of(text, ["github"], Reachable)
    assert found.people == {
        "a": {"email": "a@acme.example", "handles": {"team": "U1"}},
        "b": {"handles": {"mail": "m"}},
    }
    assert [(each.line, each.key, each.next_step) for each in found.faults] == [
        (1, "handles", 'did you mean "handles.KEY"?'),
        (1, "handles.", 'did you mean "handles.KEY"?'),
    ]


def test_the_spreadsheet_that_the_page_shows_says_what_its_tables_say(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "people.md").read_text(encoding="utf-8")
    toml, csv = (page.split(f"```{kind}\n", 1)[1].split("```", 1)[0] for kind in ("toml", "csv"))
    (tmp_path / "mdpc.toml").write_text(toml, encoding="utf-8")
    shown = load(tmp_path / "mdpc.toml", {}).people
    without_carol = {name: each for name, each in shown.items() if name != "carol"}
    assert {**Folder(tmp_path, "people.csv", csv).people()} == {**without_carol, "carol": shown["carol"]}


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=4), st.sampled_from(",;"))
def test_no_text_is_too_strange_to_be_read_or_refused(rows: list[list[str]], delimiter: str) -> None:
    lines = "\n".join(delimiter.join(cells) for cells in rows)
    found = sheet_of(f"name{delimiter}away\n{lines}", ["github"])
    assert found.people.keys() == found.lines.keys()
    count = lines.count("\n") + 2
    assert all(1 <= each.line <= count for each in found.faults)
    assert all(found.at(line) == ("people", name) for name, line in found.lines.items())
