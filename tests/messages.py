"""Synthetic messages for tests: one radiology report, with what a test wants to vary."""


def oru(control_id: str = "QX1", *, accept: str = "", application: str = "", sender: str = "RIS",
        version: str = "2.5.1", status: str = "F", filler: str = "FL1", patient: str = "ZQ1",
        text: str = "FINDINGS: No pneumothorax.",
        issued: str = "20260309101400+0000", sent: str = "20260309101500+0000", kind: str = "ORU^R01",
        charset: str = "UNICODE UTF-8", examined: str = "20260309091000+0000") -> bytes:
    """An ORU^R01 about ZZYZX^QUILLON."""
    lines = (
        f"MSH|^~\\&|{sender}|ZYXWELL|ADAPTER|RESEARCH|{sent}||{kind}|{control_id}|P|{version}|||{accept}|{application}"
        f"||{charset}",
        f"PID|1||{patient}^^^ZYXWELL^MR||ZZYZX^QUILLON^B||19580214|M",
        f"OBR|1|PL{filler}|{filler}|CTCHW^CT CHEST WITH CONTRAST^L|||{examined}|||||||||||||||{issued}||CT|"
        f"{status}",
        f"OBX|1|TX|18748-4^Diagnostic imaging report^LN||{text}||||||{status}")
    return ("\r".join(lines) + "\r").encode()
