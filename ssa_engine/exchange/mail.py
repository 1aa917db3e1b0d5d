"""Mail: a message of subject, text and HTML."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

STYLE = (
    ":root{color-scheme:light dark}body{margin:0;padding:24px 16px;font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:36rem;margin:0 auto}h1{font-size:22px;line-height:1.25}.closing{font-size:14px;margin-top:32px}"
    ".action{margin:24px 0}.action a{font-weight:bold}"
)

_MEANS_ADDRESS = re.compile(r"[<>()\[\]\\,;:\"@]")
"""What means something in a list of addresses. To quote it is not enough: quotes get lost where a line is folded."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in the language `language`: paragraphs, where its link leads, and lines that close it."""

    language: str
    subject: str
    paragraphs: tuple[str, ...]
    link: str
    action: str
    closing: tuple[str, ...]

    @property
    def text(self) -> str:
        """As plain text."""
        said = [*map(_folded, self.paragraphs), f"{self.action}:\n{self.link}"]
        return "\n\n".join(said) + "\n\n-- \n" + "\n".join(map(_folded, self.closing)) + "\n"

    @property
    def html(self) -> str:
        """As a page of HTML, without scripts, pictures or anything else that is fetched."""
        said = "".join(f"<p>{escape(one)}</p>\n" for one in self.paragraphs)
        closing = "<br>\n".join(map(escape, self.closing))
        return (
            f'<!doctype html>\n<html lang="{escape(self.language)}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.subject)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{escape(self.subject)}</h1>\n{said}"
            f'<p class="action"><a href="{escape(self.link)}">{escape(self.action)}</a></p>\n'
            f'<p class="closing">{closing}</p>\n</main>\n</body>\n</html>\n'
        )


def _folded(paragraph: str) -> str:
    return textwrap.fill(paragraph, 72, break_long_words=False, break_on_hyphens=False)


def message_of(
    letter: Letter,
    *,
    sender: tuple[str, str],
    to: tuple[str, str],
    message_id: str,
    at: dt.datetime,
    reply_to: str = "",
) -> EmailMessage:
    """Make the message of a letter to a person, as plain text and as HTML.

    Parameters
    ----------
    sender, to : tuple of str
        Name, which may be empty, and address as `ascii_address` gives it.
    reply_to : str
        The address to which answers go; empty: the sender's.
    message_id : str
        What stands before the `@`.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = in_one_line(letter.subject)
    message["From"] = _address(*sender)
    message["To"] = _address(*to)
    if reply_to:
        message["Reply-To"] = _address("", reply_to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}@{sender[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # at last: what is there before goes to the first part
    return message


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(in_one_line(_MEANS_ADDRESS.sub(" ", name)), user, domain)


def in_one_line(text: str) -> str:
    """Return text as it may stand in a header: in one line, without what cannot be printed."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
