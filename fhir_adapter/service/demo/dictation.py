"""What is dictated: one function for each examination, varied by chance and by what a case needs."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictated:
    """An order and the report that answers it; lines of the text are separated by line feeds."""

    code: str
    order: str
    modality: str
    text: str


def chest_ct(chance: Random, *, size: float, before: float | None = None, compared: str = "", site: str = "right upper "
             "lobe", advised: str = "Recommend follow-up CT chest in 3 months.") -> Dictated:
    """A nodule of the lung, with its size before where there is one."""
    if before is None:
        change, story = "", "COMPARISON: None."
    elif abs(size - before) < 1:
        change, story = f", unchanged from {before:g} mm", f"COMPARISON: CT chest from {compared}."
    else:
        change, story = f", previously {before:g} mm", f"COMPARISON: CT chest from {compared}."
    word = "" if before is None else " stable" if abs(size - before) < 1 else " enlarging" if size > before else ""
    other = chance.choice(("Mild centrilobular emphysema.", "Coronary artery calcification is present.",
                           "A 3 mm calcified granuloma in the left lower lobe.", "Mild bronchial wall thickening."))
    return Dictated(code="CTCHW", order="CT CHEST WITH CONTRAST", modality="CT", text=(
        f"EXAM: CT chest with intravenous contrast.\n\n{story}\n\n"
        "TECHNIQUE: Helical images of the chest after intravenous contrast.\n\n"
        f"FINDINGS:\nLUNGS: There is a {size:g} mm solid nodule in the {site}{change}. {other} No consolidation.\n"
        "PLEURA: No pleural effusion or pneumothorax.\nMEDIASTINUM: No mediastinal or hilar lymphadenopathy.\n\n"
        f"IMPRESSION:\n1. {site.capitalize()}{word} nodule, {size:g} mm. {advised}"))


def embolism(chance: Random, *, told: str) -> Dictated:
    """An emergent result; `told` documents that someone was told, or is empty."""
    lobe = chance.choice(("right lower lobe", "left lower lobe", "right middle lobe"))
    return Dictated(code="CTPA", order="CT PULMONARY ANGIOGRAM WITH CONTRAST", modality="CT", text=(
        "INDICATION: Shortness of breath.\n\nTECHNIQUE: CT pulmonary angiography with intravenous contrast.\n\n"
        f"FINDINGS: Filling defects in the segmental arteries of the {lobe}. No right heart strain. "
        "No pleural effusion.\n\n"
        f"IMPRESSION: Acute pulmonary embolism in the {lobe}.\n\n{told}").rstrip())


def head_ct(chance: Random, *, bleeding: bool, told: str = "") -> Dictated:
    """A head, well or with a bleeding."""
    side = chance.choice(("left", "right"))
    found = (f"There is an acute {side} subdural hematoma measuring {chance.randint(6, 16)} mm in thickness with "
             f"{chance.randint(3, 9)} mm of midline shift.", f"Acute {side} subdural hematoma with midline shift.")
    well = ("No acute intracranial hemorrhage, mass effect or midline shift. Mild small vessel ischemic change.",
            "No acute intracranial abnormality.")
    findings, impression = found if bleeding else well
    return Dictated(code="CTHWO", order="CT HEAD WITHOUT CONTRAST", modality="CT", text=(
        "INDICATION: Fall.\n\nTECHNIQUE: Axial images without contrast.\n\n"
        f"FINDINGS: {findings} The paranasal sinuses are clear.\n\nIMPRESSION: {impression}\n\n{told}").rstrip())


def chest_film(chance: Random, *, told: str = "", pneumothorax: bool = False, opacity: bool = False,
               again: bool = False) -> Dictated:
    """A chest film; with an opacity, or `again` after one that has gone."""
    usual = (
        ("The lungs are clear. No pleural effusion or pneumothorax. The heart is normal in size.",
         "No acute cardiopulmonary abnormality."),
        ("Small left pleural effusion with adjacent atelectasis. Cardiomegaly. No pneumothorax.",
         "Small left pleural effusion."),
        ("Patchy opacity in the right lower lobe, possibly pneumonia. No pneumothorax.",
         "Possible right lower lobe pneumonia. Repeat chest radiograph in 6 weeks is recommended."))
    findings, impression = usual[-1] if opacity else chance.choice(usual)
    if again:
        findings = "The opacity in the right lower lobe has resolved. No pleural effusion or pneumothorax."
        impression = "Resolved right lower lobe opacity. No acute cardiopulmonary abnormality."
    if pneumothorax:
        findings = "There is a large left pneumothorax with mediastinal shift to the right."
        impression = "Large left tension pneumothorax."
    return Dictated(code="XRCH", order="XR CHEST 2 VIEWS", modality="DX", text=(
        "TECHNIQUE: PA and lateral views of the chest.\n\n"
        f"FINDINGS: {findings}\n\nIMPRESSION: {impression}\n\n{told}").rstrip())


def abdomen_ultrasound(_: Random, *, complete: bool) -> Dictated:
    """An ultrasound ordered complete; a text that is not `complete` leaves organs out."""
    rest = (" The pancreas is unremarkable. The spleen measures 10.2 cm. The kidneys are normal, without "
            "hydronephrosis. The aorta and inferior vena cava are normal." if complete else "")
    return Dictated(code="USABD", order="US ABDOMEN COMPLETE", modality="US", text=(
        "INDICATION: Right upper quadrant pain.\n\nFINDINGS: The liver is echogenic, consistent with hepatic steatosis."
        f" Cholelithiasis without gallbladder wall thickening. The common bile duct measures 4 mm.{rest}\n\n"
        "IMPRESSION: Cholelithiasis. Hepatic steatosis."))


def thyroid(chance: Random) -> Dictated:
    """A thyroid with a dictated category."""
    size, level = chance.randint(8, 31), chance.choice((2, 3, 4, 5))
    side = chance.choice(("left", "right"))
    advised = "Fine needle aspiration is recommended." if level >= 4 and size >= 15 else "Ultrasound in 12 months."
    return Dictated(code="USTHY", order="US THYROID", modality="US", text=(
        f"FINDINGS: There is a {size} mm nodule in the {side} thyroid lobe. The isthmus is 3 mm.\n\n"
        f"IMPRESSION: {side.capitalize()} thyroid nodule, TI-RADS {level}. {advised}"))


def mammogram(chance: Random) -> Dictated:
    """A screening with a dictated category."""
    if chance.random() < 0.7:
        findings, impression = "No suspicious mass or calcifications.", "BI-RADS 1: Negative. Annual screening."
    else:
        side = chance.choice(("left", "right"))
        findings = f"There is a new {chance.randint(6, 14)} mm irregular mass in the {side} breast."
        impression = f"BI-RADS 0: Incomplete. Diagnostic {side} mammogram and ultrasound are recommended."
    return Dictated(code="MGSCR", order="MG SCREENING BILATERAL", modality="MG", text=(
        f"The breasts are heterogeneously dense.\nFINDINGS: {findings}\nIMPRESSION: {impression}"))


def knee(chance: Random, *, wrong_side: bool) -> Dictated:
    """A knee; the text speaks of the other one where the case is about that."""
    side = chance.choice(("left", "right"))
    told = side if not wrong_side else "left" if side == "right" else "right"
    return Dictated(code="MRKN", order=f"MR KNEE {side.upper()} WITHOUT CONTRAST", modality="MR", text=(
        f"INDICATION: {side.capitalize()} knee pain.\nTECHNIQUE: Multiplanar MRI without contrast.\n"
        f"FINDINGS: Complex tear of the posterior horn of the medial meniscus of the {told} knee. "
        f"Small joint effusion. No fracture.\nIMPRESSION: Complex tear of the {told} medial meniscus."))


def abdomen_ct(chance: Random, *, ordered: str = "WITH CONTRAST") -> Dictated:
    """An abdomen done with contrast, whatever was ordered."""
    size = chance.randint(9, 32)
    vague = chance.random() < 0.4
    advised = "Follow-up is recommended." if vague else "MRI of the abdomen in 6 months is recommended."
    return Dictated(code="CTABD", order=f"CT ABDOMEN AND PELVIS {ordered}", modality="CT", text=(
        "TECHNIQUE: CT of the abdomen and pelvis with intravenous contrast.\n\n"
        f"FINDINGS: There is a {size} mm cyst in the left kidney. A {chance.randint(8, 24)} mm indeterminate lesion in "
        "the right hepatic lobe. Diverticulosis without diverticulitis. No free air. No hydronephrosis.\n\n"
        f"IMPRESSION: Indeterminate liver lesion. {advised}"))


def pelvis_ultrasound(chance: Random) -> Dictated:
    """A pelvis that only one sex has."""
    size = chance.randint(18, 52) / 10
    return Dictated(code="USPEL", order="US PELVIS COMPLETE", modality="US", text=(
        f"INDICATION: Pelvic pain.\nFINDINGS: The uterus measures 7.8 x 4.1 x 5.0 cm. The endometrium is 9 mm. The "
        f"right ovary measures 3.1 x 2.0 x 2.2 cm. There is a {size} cm complex cyst of the left ovary.\n"
        "IMPRESSION: Complex left ovarian cyst. Follow-up pelvic ultrasound in 6 weeks is recommended."))


def brain_mri(chance: Random, *, age: int) -> Dictated:
    """A brain, with the age that the text tells."""
    return Dictated(code="MRBR", order="MR BRAIN WITHOUT CONTRAST", modality="MR", text=(
        f"HISTORY: {age}-year-old patient with headache.\nTECHNIQUE: Multiplanar MRI without contrast.\n"
        f"FINDINGS: Scattered white matter hyperintensities. No acute infarct. No mass. "
        f"A {chance.randint(3, 9)} mm arachnoid cyst in the left temporal fossa.\n"
        "IMPRESSION: No acute intracranial abnormality."))
