"""
Other people's tools, run in a venv of their own by `deid_compare`: this file imports nothing of ours.

    python deid_tools.py text TOOL   texts as a JSON list on stdin; spans and seconds as JSON on stdout
    python deid_tools.py dicom TOOL  a DICOM file on stdin; the file as the tool leaves it on stdout
"""

import contextlib
import io
import json
import sys
import tempfile
import time
from pathlib import Path

Spans = list[list[tuple[int, int]]]


def presidio(texts):
    """Presidio's analyzer with a blank language model: its patterns alone."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def load(self):
            self.nlp = {"en": spacy.blank("en")}

    engine = Blank()
    engine.load()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda: [[(r.start, r.end) for r in analyzer.analyze(text, language="en")] for text in texts]


def philter(texts):
    """Philter-lite with its own filters; needs NLTK's tagger, which no package on PyPI brings."""
    import philter_lite

    with contextlib.redirect_stdout(io.StringIO()):
        loaded = philter_lite.load_filters(Path(philter_lite.__file__).parent / "configs" / "philter_delta.toml")

        def run():
            out = []
            for text in texts:
                _, _, tracker = philter_lite.detect_phi(text, loaded)
                out.append([(p.start, p.stop) for p in tracker.phi])
            return out
    return run


def dicom_anonymizer(path, out):
    """dicom-anonymizer with its newest table."""
    from dicomanonymizer.simpledicomanonymizer import anonymize_dicom_file, initialize_actions

    anonymize_dicom_file(str(path), str(out), base_rules_gen=lambda: initialize_actions("dicomfields_2026c"))


def dicognito(path, out):
    """The Anonymizer of dicognito."""
    import pydicom
    from dicognito.anonymizer import Anonymizer

    dataset = pydicom.dcmread(path)
    Anonymizer().anonymize(dataset)
    dataset.save_as(out)


def deid(path, out):
    """pydicom/deid with its default recipe."""
    from deid.dicom import replace_identifiers

    (made,) = replace_identifiers(dicom_files=[str(path)], save=False, strip_sequences=False, remove_private=True)
    made.save_as(out)


def main() -> None:
    """Run one tool."""
    kind, tool = sys.argv[1:3]
    if kind == "text":
        texts = json.load(sys.stdin)
        run = {"presidio": presidio, "philter": philter}[tool](texts)
        start = time.process_time()
        spans = run()
        print(json.dumps({"spans": spans, "seconds": time.process_time() - start}))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "in.dcm", Path(folder) / "out.dcm"
        path.write_bytes(sys.stdin.buffer.read())
        with contextlib.redirect_stdout(io.StringIO()):
            {"dicom-anonymizer": dicom_anonymizer, "dicognito": dicognito, "deid": deid}[tool](path, out)
        sys.stdout.buffer.write(out.read_bytes())


if __name__ == "__main__":
    main()
