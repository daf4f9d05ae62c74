"""`fhir-adapter evaluate` as its users meet it."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from junitparser import JUnitXml

from fhir_adapter.cli.main import cli
from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from tests.evaluation.records import finding, lines, record

TEXT = "FINDINGS: There is a 6 mm nodule. <script>alert('ZZYZX')</script> No pleural | effusion.\x1b[31m"
RECORDS = (record("one", TEXT, findings=[finding(TEXT, "nodule"), finding(TEXT, "script")], sexMismatch=[]),
           record("two", "FINDINGS: No pneumothorax.",
                  findings=[finding("FINDINGS: No pneumothorax.", "pneumothorax", "absent")], sexMismatch=[]))
PHI = {"id": "a", "text": "Seen by Dr. ZZYZX at 10; code wugwug <b>.", "context": {"clinicians": ["ZZYZX"]}, "phi": [
    {"start": 12, "end": 17, "text": "ZZYZX", "type": "clinician_name"},
    {"start": 30, "end": 36, "text": "wugwug", "type": "other_id"}], "must_keep": ["Seen"]}


@pytest.fixture
def gold(tmp_path):
    """A gold file of two reports."""
    file = tmp_path / "gold.jsonl"
    file.write_bytes(lines(*RECORDS))
    return file


def run(*arguments):
    """The command's result, with few samples."""
    few = () if "--deid" in arguments else ("--resamples", "100")
    return CliRunner().invoke(cli, ["evaluate", *map(str, arguments), *few])


def test_text_shows_figures_and_no_words(gold):
    """Each annotated task has its row; words of reports are not shown unless asked for."""
    done = run(gold)
    assert (done.exit_code, "ZZYZX" in done.output, "script" in done.output) == (0, False, False)
    assert re.search(r"^finding +words overlap +3 +2 +3 +2 +0.667 +0.667 +0.667", done.output, re.MULTILINE)
    assert "criticalResult" not in done.output


def test_errors_shows_words_that_a_terminal_does_not_obey(gold):
    """With --errors the words stand there; escape sequences of a report do not reach the terminal."""
    done = run(gold, "--errors")
    assert ("[script]" in done.output, "\x1b" in done.output) == (True, False)


def test_json_is_the_same_each_time_and_has_all_figures(gold):
    """Two runs give the same bytes; words of reports come with --errors alone."""
    first, second = run(gold, "--format", "json"), run(gold, "--format", "json")
    told = json.loads(first.stdout)
    assert first.stdout == second.stdout
    assert told["tasks"]["finding"]["mentions"] == {"right": 2, "wrong": 1, "found": 2, "missed": 1}
    assert told["tasks"]["sexMismatch"]["reports"] == {"true_positive": 0, "false_positive": 0, "false_negative": 0,
                                                       "true_negative": 2}
    assert ("ZZYZX" in first.stdout, "errors" in json.loads(run(gold, "--format", "json", "--errors").stdout)) == (
        False, True)


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.scopes, self.refs = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.scopes += [value for name, value in attrs if tag == "th" and name == "scope"]
        self.refs += [value for name, value in attrs if name in ("src", "href", "action")]


def test_html_is_inert_and_stands_alone(gold):
    """A <script> in a report is words; the page loads nothing; tables have captions and their headings scopes."""
    page = _Page(run(gold, "--format", "html", "--errors", "--volume", "100").stdout)
    assert ({"script", "img", "link", "iframe"} & set(page.tags), [r for r in page.refs if not r.startswith("#")]) == (
        set(), [])
    assert (page.tags.count("caption"), page.tags.count("th")) == (page.tags.count("table"), len(page.scopes))
    assert ("mark" in page.tags, page.tags.count("h1"), "main" in page.tags) == (True, 1, True)


def test_markdown_has_the_same_tables(gold):
    """Each table has a heading and rows as wide as its columns; words of a report open no tag and no link."""
    page = run(gold, "--format", "markdown", "--errors").stdout
    widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines() if line.startswith("|")}
              for block in page.split("\n## ")[1:]]
    assert ({len(w) for w in widths}, "## Errors" in page, "<script" in page.replace("\\<", "")) == ({1}, True, False)


def test_junit_is_read_by_another_program(gold):
    """Junitparser reads the gates as cases, the failed one as a failure, and the figures of each task."""
    done = run(gold, "--format", "junit", "--fail-under", "finding=0.99", "--fail-under", "finding:recall=0.5")
    suites = JUnitXml.fromstring(done.stdout)
    gates = next(suite for suite in suites if suite.name == "evaluate.gates")
    assert (done.exit_code, suites.failures, suites.errors, [case.is_failure for case in gates]) == (
        1, 1, 0, [True, False])
    assert int(ElementTree.fromstring(done.stdout).get("tests")) == sum(suite.tests for suite in suites)


@pytest.mark.parametrize(("gate", "code"), [
    ("finding=0.6", 0), ("finding=0.7", 1), ("finding:precision=0.6", 0), ("criticalResult=0.1", 1),
    ("sexMismatch:specificity=1", 0), ("sexMismatch:sensitivity=0", 1), ("nothing=0.5", 2), ("finding=high", 2),
    ("finding:size=0.5", 2), ("finding.assertion:npv=0.5", 2), ("finding=1.5", 2), ("finding", 2),
])
def test_gates_decide_the_exit_code(gold, gate, code):
    """1 below the gate or where nothing was measured, 2 for a gate that cannot be."""
    assert run(gold, "--fail-under", gate).exit_code == code


def test_an_earlier_run_is_compared(gold, tmp_path):
    """Against itself nothing changed; a report that only one of them has is left out."""
    saved = tmp_path / "run.json"
    saved.write_text(run(gold, "--format", "json").stdout, encoding="utf-8")
    gold.write_bytes(lines(*RECORDS, record("three", findings=[])))
    told = json.loads(run(gold, "--compare", saved, "--format", "json").stdout)["comparison"]
    assert (told["reports"], told["left_out"], {(d["difference"], d["better"], d["worse"])
                                                for d in told["differences"]}) == (2, 1, {(0.0, 0, 0), (None, 0, 0)})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "fhir-adapter-evaluation/1"}', "ZZYZX"])
def test_what_is_no_run_is_refused(gold, tmp_path, content):
    """A file that is no saved run is named with its code."""
    other = tmp_path / "other.json"
    other.write_text(content, encoding="utf-8")
    done = run(gold, "--compare", other)
    assert (done.exit_code, "EVAL-807" in done.stderr, "ZZYZX" in done.stderr) == (1, True, False)


def test_a_run_over_other_reports_is_refused(gold, tmp_path):
    """With no report in common there is nothing to compare."""
    saved = tmp_path / "run.json"
    saved.write_text(run(gold, "--format", "json").stdout.replace('"one"', '"x"').replace('"two"', '"y"'),
                     encoding="utf-8")
    assert "EVAL-807" in run(gold, "--compare", saved).stderr


@pytest.mark.parametrize(("options", "code"), [
    (["--prevalence", "0.01"], 0), (["--prevalence", "sexMismatch=0.01"], 0), (["--prevalence", "2"], 2),
    (["--prevalence", "x=0.1"], 2), (["--prevalence", "finding.assertion=0.1"], 2), (["--volume", "0"], 2),
    (["--by", "all"], 0), (["--by", "sex", "--by", "age"], 0), (["--by", "shoe"], 2), (["--jobs", "0"], 2),
    (["--deid", "--volume", "3"], 2), (["--format", "xml"], 2),
])
def test_options_are_checked(gold, options, code):
    """A wrong option is a matter of usage (2); none ends in a traceback."""
    done = run(gold, *options)
    assert (done.exit_code, isinstance(done.exception, SystemExit | None)) == (code, True)


def test_a_folder_gives_its_gold_files(gold, tmp_path):
    """Other files of a folder are left alone; one that is named is read whatever its name."""
    (tmp_path / "README.md").write_text("ZZYZX", encoding="utf-8")
    other = tmp_path / "more.txt"
    other.write_bytes(lines(record("three", findings=[])))
    assert (run(tmp_path).output.split()[0], run(gold, other).output.split()[0]) == ("2", "3")


def test_faults_are_told_and_counted(tmp_path):
    """Twenty faults are shown, the others counted; exit code 1; nothing of the file is in them."""
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"{ZZYZX\n" * 25)
    done = run(bad)
    assert (done.exit_code, done.stderr.count("EVAL-801"), "and 5 more" in done.stderr, "ZZYZX" in done.stderr) == (
        1, 20, True, False)


def test_a_report_that_cannot_be_read_is_told(gold, monkeypatch):
    """Its code stands in the answer, nothing of it does, and the exit code is 1."""
    def refuse(*_, **__):
        raise EngineError(Issue.at("OUT-520"))

    monkeypatch.setattr("fhir_adapter.pipeline.understand", refuse)
    done, junit = run(gold), JUnitXml.fromstring(run(gold, "--format", "junit").stdout)
    assert (done.exit_code, done.stdout.count("OUT-520"), junit.errors, "ZZYZX" in done.output) == (1, 2, 2, False)


def test_no_file_and_a_missing_file():
    """No file is a matter of usage; one that is not there has its code."""
    assert (run().exit_code, run("nowhere.jsonl").exit_code, "NET-605" in run("nowhere.jsonl").stderr) == (2, 1, True)


def test_deidentification_is_scored(tmp_path):
    """Recall whole and touched of each class, tokens for nothing, phrases kept; words with --errors alone."""
    file = tmp_path / "deid.jsonl"
    file.write_bytes(lines(PHI))
    told = json.loads(run("--deid", file, "--format", "json").stdout)
    assert told["classes"] == {
        "clinician_name": {"mentions": 1, "hidden_whole": 1, "hidden_touched": 1, "whole": 1.0, "touched": 1.0},
        "other_id": {"mentions": 1, "hidden_whole": 0, "hidden_touched": 0, "whole": 0.0, "touched": 0.0}}
    assert (told["over_redaction"]["touched"], told["must_keep"], "misses" in told) == (
        0, {"phrases": 1, "violated": 0}, False)
    (miss,) = json.loads(run("--deid", file, "--format", "json", "--errors").stdout)["misses"]
    assert (miss["words"], miss["before"][-5:], miss["after"]) == ("wugwug", "code ", " <b>.")


@pytest.mark.parametrize("layout", ["text", "html", "markdown"])
def test_deidentification_for_people(tmp_path, layout):
    """Text and page have the tables; what was left is shown with --errors, inert."""
    file = tmp_path / "deid.jsonl"
    file.write_bytes(lines(PHI))
    plain, errors = run("--deid", file, "--format", layout), run("--deid", file, "--format", layout, "--errors")
    assert (plain.exit_code, "wugwug" in plain.stdout, "wugwug" in errors.stdout) == (0, False, True)
    assert "--errors" in plain.stderr
    if layout == "html":
        assert "b" not in _Page(errors.stdout).tags
