"""
The text inside a document that a message carries: plain, HTML, RTF, PDF.

Libraries do the work; this room bounds it. Nothing of a document reaches a log: the libraries' loggers are switched
off, and their exceptions are replaced by issues.
"""

import io
import logging
import re

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue

MAX_PAGES = 200
_BLOCKS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "pre",
           "ul", "ol", "title", "blockquote", "hr")


def text_of(data: bytes, media_type: str, *, max_bytes: int, where: str = "") -> str:
    """The text of one document, line ends as "\\n".

    `media_type` may be a MIME type with parameters or HL7's word (TEXT, RTF, PDF, HTML); where it says nothing useful,
    the first bytes decide. Raises TooLargeMessage (DOC-700) and UnreadableMessage (DOC-701).
    """
    if len(data) > max_bytes:
        raise TooLargeMessage(Issue.at("DOC-700", where))
    kind = _kind(data, media_type)
    try:
        text = _READERS[kind](data, max_bytes, media_type)
    except _TooMuchError:
        raise TooLargeMessage(Issue.at("DOC-700", where)) from None
    except Exception:  # a parser may fail in any way on hostile bytes; its message may quote them
        raise UnreadableMessage(Issue.at("DOC-701", where)) from None
    if kind == "pdf" and not text.strip():
        raise UnreadableMessage(Issue.at("DOC-701", where))
    return re.sub(r"\r\n?", "\n", text.replace("\x00", ""))


class _TooMuchError(Exception):
    pass


def _kind(data: bytes, media_type: str) -> str:
    beginning = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    word = media_type.lower()
    if beginning.startswith(b"%PDF") or "pdf" in word:
        return "pdf"
    if beginning.startswith(b"{\\rtf") or "rtf" in word:
        return "rtf"
    if "html" in word or re.match(rb"<(!doctype html|html|div|p|body)\b", beginning.lower()):
        return "html"
    if word.split(";")[0].strip() in ("", "text", "text/plain", "txt", "plain", "tx", "application/text", "ft",
                                      "application/octet-stream", "text/markdown"):
        return "plain"
    return "unknown"


def _plain(data: bytes, _: int, media_type: str) -> str:
    match = re.search(r"charset=\"?([\w.:-]+)", media_type, re.IGNORECASE)
    if match:
        return data.decode(match.group(1))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _html(data: bytes, _: int, media_type: str) -> str:
    from bs4 import BeautifulSoup
    from bs4.element import Comment, Declaration, Doctype, ProcessingInstruction

    soup = BeautifulSoup(_plain(data, _, media_type), "html.parser")
    for element in soup(["script", "style", "template", "noscript", "head"]):
        element.decompose()
    for note in soup.find_all(string=lambda s: isinstance(s, Comment | Declaration | Doctype | ProcessingInstruction)):
        note.extract()
    preformatted = soup.find("pre") is not None
    for string in soup.find_all(string=True):
        if not preformatted:
            string.replace_with(re.sub(r"\s*\n\s*", "\n" if str(string).count("\n") > 1 else " ", str(string)))
    for element in soup.find_all(_BLOCKS):
        element.insert_before("\n")
        element.append("\n")
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in soup.get_text().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _rtf(data: bytes, max_bytes: int, _: str) -> str:
    from striprtf.striprtf import rtf_to_text

    text = str(rtf_to_text(data.decode("latin-1"), errors="ignore"))
    if len(text) > max_bytes:
        raise _TooMuchError
    return text


def _pdf(data: bytes, max_bytes: int, _: str) -> str:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if len(reader.pages) > MAX_PAGES:
        raise _TooMuchError
    pages: list[str] = []
    for page in reader.pages:
        try:
            contents = page.get_contents()
            unpacked = 0 if contents is None else len(contents.get_data())
        except pypdf.errors.LimitReachedError:  # pypdf's own limit on unpacking
            raise _TooMuchError from None
        if unpacked > max_bytes:
            raise _TooMuchError
        pages.append(page.extract_text())
        if sum(map(len, pages)) > max_bytes:
            raise _TooMuchError
    return "\n".join(pages)


def _unknown(_: bytes, __: int, ___: str) -> str:
    raise ValueError


_READERS = {"plain": _plain, "html": _html, "rtf": _rtf, "pdf": _pdf, "unknown": _unknown}
