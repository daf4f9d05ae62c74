"""Jobs of the Radiology Insights API, as its clients send them: invented reports of people who do not exist."""

from typing import Any

NAME = "Zzyzx Quillon"
PATIENT = "ZQ4417709"

PELVIS = """CLINICAL HISTORY: 20-year-old male with pelvic pain. Mr. Zzyzx Quillon was seen on 6/1/2023.

FINDINGS: The uterus measures 8 x 4 x 5 cm. The left ovary is normal.

IMPRESSION: A new US pelvis within the next 6 months is recommended.
"""
CHEST = """COMPARISON: 2/3/2023.

FINDINGS: There is a 6 mm nodule in the right upper lobe, previously 4 mm. No pneumothorax. Small left pleural
effusion, stable. Mild chronic emphysema.

IMPRESSION: 1. Acute pulmonary embolism. 2. Lung-RADS 4A. 3. Recommend CT of the chest in 3 months.
Findings were discussed with Dr. Zzyzx Quillon at 3:15 PM on 8/31/2023.
"""
KNEE = """FINDINGS: There is a joint effusion of the left knee. The left anterior cruciate ligament is torn.

IMPRESSION: Tear of the left anterior cruciate ligament.
"""
ABDOMEN = """FINDINGS: The liver, gallbladder, common bile duct, pancreas and spleen are unremarkable. Both kidneys,
aorta and inferior vena cava are normal.

IMPRESSION: Normal ultrasound of the abdomen.
"""
NODULE = """TECHNIQUE: CT of the chest without contrast. Automated exposure control was used.

FINDINGS: There is a solid 6 mm nodule in the right upper lobe. The lungs are otherwise clear.

IMPRESSION: Solitary pulmonary nodule.
"""


def job(text: str, *orders: str, sex: str = "female", born: str = "1959-11-11", at: str = "2023-08-31T09:30:00Z",
        **configuration: Any) -> dict[str, Any]:
    """The body of one job: a report, the words of its orders, and the client's configuration."""
    system = "Http://hl7.org/fhir/ValueSet/cpt-all"
    procedures = [{"code": {"coding": [{"system": system, "code": order.replace(" ", ""), "display": order}]},
                   "description": order} for order in orders]
    document = {
        "type": "note", "clinicalType": "radiologyReport", "id": "document1", "language": "en", "createdAt": at,
        "authors": [{"id": "author1", "fullName": NAME}], "specialtyType": "radiology",
        "administrativeMetadata": {"orderedProcedures": procedures, "encounterId": "encounter1"},
        "content": {"sourceType": "inline", "value": text}}
    patient = {
        "id": PATIENT, "details": {"sex": sex, "birthDate": born},
        "encounters": [{"id": "encounter1", "class": "inpatient",
                        "period": {"start": "2023-08-28T00:00:00", "end": "2023-08-28T00:00:00"}}],
        "patientDocuments": [document]}
    return {"jobData": {"patients": [patient], "configuration": configuration}}


def document_of(body: dict[str, Any]) -> dict[str, Any]:
    """The job's document, for a test that changes it."""
    found: dict[str, Any] = body["jobData"]["patients"][0]["patientDocuments"][0]
    return found


def words_of(element: dict[str, Any], text: str) -> list[str]:
    """The words of the text that an element's evidence points at."""
    tokens = [one["extension"] for one in element.get("extension", ()) if one["url"].endswith("derivation-reference")]
    places = [{part["url"]: part.get("valueInteger") for part in token} for token in tokens]
    return [text[place["offset"] : place["offset"] + place["length"]] for place in places]
