"""`/try`: paste a report or drop a file, and see what it would become. Nothing is kept."""

from dataclasses import dataclass

from flask import Blueprint, current_app, request

from fhir_adapter.service.showing.trial import Trial, is_message, trial, worded
from fhir_adapter.tables.locate import locate
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("trying", __name__)
told(ROUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What was given, to go on from, and what it would become."""

    samples: tuple[str, ...]
    sample: str
    text: str
    order: str
    sex: str
    age: str
    result: Trial

    @property
    def status_code(self) -> int:
        """How HTTP says it."""
        return self.result.status_code


@page(ROUTES, "/try", "try.html", methods=("GET", "POST"))
def trying() -> Trying:
    """A report or a message as it would be understood; `sample` begins with one of the samples."""
    station: Station = current_app.extensions["station"]
    folder = locate("samples") / "hl7v2"
    samples = tuple(sorted(path.stem for path in folder.glob("*.hl7")))
    sample = request.args.get("sample", "")
    uploaded = request.files.get("file") if request.method == "POST" else None
    payload = uploaded.read() if uploaded is not None else b""
    text, order, sex, age = (request.form.get(name, "") for name in ("text", "order", "sex", "age"))
    if sample in samples and request.method == "GET":
        payload = (folder / f"{sample}.hl7").read_bytes()
        text = payload.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n") \
            if not payload.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
    elif not payload and text.strip():
        written = text.encode()
        payload = (written.replace(b"\r\n", b"\n") if is_message(written)
                   else worded(text, order=order, sex=sex, age=age))
    result = trial(station.adapter, payload) if payload else Trial(given=False)
    return Trying(samples=samples, sample=sample, text=text, order=order, sex=sex, age=age, result=result)
