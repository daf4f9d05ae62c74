"""What orders ask for, by words and by codes of CPT, LOINC and a site's own."""

import pytest
import yaml

from fhir_adapter import insights
from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import Kind
from tests.conftest import ROOT

ORDERS = yaml.safe_load((ROOT / "tests/insights/order_sentences.yaml").read_text(encoding="utf-8"))
_DICOM = {"Plain radiography": "DX", "Computed tomography": "CT", "Magnetic resonance imaging": "MR",
          "Ultrasonography": "US", "Mammography": "MG", "Positron emission tomography": "PT",
          "Nuclear medicine procedure": "NM", "Fluoroscopy": "RF", "Dual energy X-Ray absorptiometry": "BMD"}


@pytest.mark.parametrize("case", ORDERS, ids=[f"{case.get('code', '')} {case.get('order', '')}" for case in ORDERS])
def test_orders_say_what_is_to_be_done(case, read, tables):
    """An order gives modality, anatomies, side, contrast, number of views and views; one that names none gives none."""
    code = Code(system="", code=case["code"], display="") if "code" in case else None
    reading = read("FINDINGS: Normal.", case.get("order", ""), code=code)
    told = insights.run(reading, tables=tables, chosen=(Kind.RADIOLOGY_PROCEDURE.value,))
    assert [case["expect"]] * bool(case["expect"]) == [_said(insight.detail.imaging) for insight in told]


def _said(imaging):
    one = imaging[0]
    return "|".join((_DICOM[one.modality.display], " + ".join(i.anatomy.display for i in imaging),
                     one.side.value if one.side else "", one.contrast.value if one.contrast else "",
                     one.view.display if one.view else "", " + ".join(v.display for v in one.view_types)))
