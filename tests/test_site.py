"""The documentation as a site: built without a warning, asking no other host, with the pages of today's rules."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest

from scripts.rule_pages import FOLDER, pages
from scripts.site import build, led_back, navigation

ROOT = Path(__file__).parent.parent
PUBLISHED = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/mdpc",
    "SITE_URL": "https://acme.github.io/mdpc/",
}


class _Asked(HTMLParser):
    """What a browser fetches by itself for a page, and the links that it offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        fetches = tag in ("script", "img", "iframe", "source") or found.get("rel") in ("stylesheet", "preload", "icon")
        address = found.get("src") or found.get("href") or ""
        if fetches and address:
            self.fetched.append(address)
        elif tag == "a":
            self.links.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("documentation")
    status, said = build(ROOT, target, PUBLISHED)
    assert status == 0, said
    return target / "site"


def test_every_page_is_on_the_site_and_in_its_navigation(site: Path) -> None:
    start = _Asked((site / "index.html").read_text(encoding="utf-8")).links
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix("").as_posix().removesuffix("index").rstrip("/")
        assert (site / name / "index.html").is_file()
        assert f"./{name}/" in start or not name, f"{name} is not in the navigation"


def test_it_asks_no_other_host(site: Path) -> None:
    built = list(site.rglob("*.html"))
    assert built
    for page in built:
        text = page.read_text(encoding="utf-8")
        assert [each for each in _Asked(text).fetched if re.match(r"(https?:)?//", each)] == []
        assert 'data-md-component="source"' not in text, "the theme asks api.github.com for stars where it links there"


def test_links_to_the_repository_lead_there(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "https://github.com/acme/mdpc/blob/HEAD/README.md" in _Asked(text).links


@pytest.mark.parametrize("broken", ["[gone](gone.md)", "[gone](index.md#gone)", "[gone](../gone.md)"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path, broken: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# mdpc\n\n{broken}\n", encoding="utf-8")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    status, said = build(tmp_path, tmp_path / "build", {})
    assert status
    assert "does not exist" in said


def test_only_links_to_what_is_no_page_are_led_back() -> None:
    text = "[a](../README.md) [b](gates.md#x) [c](https://acme.example)\n\n```text\n[d](../README.md)\n```\n"
    led = led_back(text, PurePosixPath("page.md"), ROOT, "https://github.com/acme/mdpc/blob/HEAD")
    assert led == text.replace("[a](../", "[a](https://github.com/acme/mdpc/blob/HEAD/")
    deep = led_back("[a](../../SECURITY.md)", PurePosixPath("start/page.md"), ROOT, "REPOSITORY")
    assert deep == "[a](REPOSITORY/SECURITY.md)"


def test_navigation_has_what_is_there_and_what_nobody_named(tmp_path: Path) -> None:
    for name in ("index.md", "new.md", "rules/index.md", "rules/a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# Page\n", encoding="utf-8")
    made = navigation(["index.md", "gone.md", {"Rules": "rules"}, {"Gone": ["gone.md"]}], tmp_path)
    assert made == ["index.md", {"Rules": ["rules/index.md", "rules/a.md"]}, {"More": ["new.md"]}]


def test_the_pages_of_the_rules_are_those_of_the_rules() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert there == pages(), "run scripts/rule-pages"
