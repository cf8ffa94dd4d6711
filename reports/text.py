"""Text from AWS is hostile: names, tags and policies are written by whoever has an account.

`visible` is what every report puts between such text and a reader. It leaves letters alone and writes out
what would move a cursor, reverse a line or hide: control characters (C0, C1), bidirectional controls and
other invisible format characters (Unicode TR 36, section 3; "Trojan Source", CVE-2021-42574), lone surrogates.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Zero-width joiner and non-joiner (U+200C, U+200D) stay: several scripts are misspelt without them.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PARAGRAPH_ENDS = re.compile(r"\n(?=[ \t\r]*(?:\n|[-*] |\d{1,3}[.)] ))")
_NOT_IN_A_LINK = re.compile(r"[\s\"'<>\\^`{|}]")


def visible(text: str) -> str:
    """Return `text` on one line, every character that acts instead of showing written as `\\n`, `\\x1b`, `\\u202e`."""
    if text.isprintable():
        return text
    return _INVISIBLE.sub(_escape, text)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a rule's `why` or `fix`, each on one line and visible.

    An empty line separates two of them, and so does the start of a list item (`- `, `* `, `1. `).
    """
    blocks = _PARAGRAPH_ENDS.split(text)
    lines = (" ".join(block.split()) for block in blocks)
    return [visible(line) for line in lines if line]


def clipped(text: str, width: int) -> str:
    """Return `text` cut to `width` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def is_link(reference: str) -> bool:
    """Say whether a rule's reference may become a link: https, a host, nobody's password, nothing odd in it."""
    if not reference.startswith("https://") or visible(reference) != reference or _NOT_IN_A_LINK.search(reference):
        return False
    try:
        parts = urlsplit(reference)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def words(identifier: str) -> str:
    """Return `backup_isolation` as `Backup isolation`, `access_denied(scp)` as `Access denied (scp)`."""
    text = visible(identifier.replace("_", " ").replace("(", " ("))
    return text[:1].upper() + text[1:]


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
