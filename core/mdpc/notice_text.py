"""What a notice says: by the team's own template where there is one, else by mdpc's in the language asked for. Pure."""

from __future__ import annotations

from mdpc.issue_text import Page
from mdpc.marks import NOTICE, mark
from mdpc.model import Notice
from mdpc.notice_facts import achieved_facts, notice_facts
from mdpc.templates import ACHIEVED, shipped
from mdpc.templates import NOTICE as STEP
from mdpc.templating import TemplateFault, rendered


def notice_text(page: Page, notice: Notice) -> str:
    """The comment that is a notice: what people read, then mdpc's mark, which no template writes."""
    return "\n".join([notice_words(page, notice), "", mark(NOTICE, notice.id, page.markup)])


def notice_words(page: Page, notice: Notice) -> str:
    """What people read of it. A template that fails although it was tried leaves the word to mdpc's own."""
    if notice.achievement is not None:
        kind, facts = ACHIEVED, achieved_facts(page, notice, notice.achievement)
    else:
        kind, facts = STEP, notice_facts(page, notice)
    own = page.settings.texts.get(notice.text)
    if own is not None:
        try:
            return rendered(own, facts, page.markup)
        except TemplateFault:
            pass
    return rendered(shipped(kind, page.settings.escalation.language), facts, page.markup)
