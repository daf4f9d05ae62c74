"""The published client of the Radiology Insights API runs unchanged against our service, sync and async."""

import asyncio
import os
import signal
from uuid import uuid4

import httpx
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError
from azure.healthinsights.radiologyinsights import RadiologyInsightsClient, models
from azure.healthinsights.radiologyinsights.aio import RadiologyInsightsClient as AsyncClient

from tests.jobs import ABDOMEN, CHEST, KNEE, NODULE, PATIENT, PELVIS, job, words_of
from tests.test_canaries import leaks
from tests.web.conftest import serving

KEY = "wombat"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The address of a real service that knows a key, and the file of its log."""
    folder = tmp_path_factory.mktemp("keyed")
    with serving(folder, FHIR_ADAPTER_API_KEYS=f'["{KEY}"]') as (address, log, _):
        yield address, log


def named() -> str:
    """A new job id."""
    return f"job-{uuid4().hex[:20]}"


def asked(body) -> models.RadiologyInsightsJob:
    """The job as the client's own models."""
    return models.RadiologyInsightsJob(job_data=models.RadiologyInsightsData(body["jobData"]))


def inferred(address, body, **more) -> list[models.RadiologyInsightsInference]:
    """The inferences that the client gets for a job."""
    with RadiologyInsightsClient(address, AzureKeyCredential(KEY), **more) as client:
        result = client.begin_infer_radiology_insights(id=named(), resource=asked(body)).result()
    (patient,) = result.patient_results
    assert patient.patient_id == PATIENT
    return patient.inferences


CASES = [
    (PELVIS, "US PELVIS COMPLETE", models.AgeMismatchInference, lambda i: i.extension),
    (PELVIS, "US PELVIS COMPLETE", models.SexMismatchInference,
     lambda i: i.sex_indication.coding[0].code == "248153007"),
    (KNEE, "MRI RIGHT KNEE", models.LateralityDiscrepancyInference,
     lambda i: (i.discrepancy_type, i.laterality_indication.coding[0].code) == ("orderLateralityMismatch", "7771000")),
    (PELVIS, "US PELVIS COMPLETE", models.CompleteOrderDiscrepancyInference,
     lambda i: i.order_type.coding[0].code == "76856" and len(i.missing_body_parts) == 2),
    (ABDOMEN, "US ABDOMEN LIMITED", models.LimitedOrderDiscrepancyInference, lambda i: len(i.present_body_parts) == 9),
    (CHEST, "CT CHEST", models.FindingInference, lambda i: i.finding.component[0].value_codeable_concept.coding),
    (CHEST, "CT CHEST", models.CriticalResultInference, lambda i: i.result.description and i.result.finding.component),
    (CHEST, "CT CHEST", models.FollowupRecommendationInference, lambda i: i.effective_at == "2023-11-30" and isinstance(
        i.recommended_procedure, models.ImagingProcedureRecommendation)),
    (CHEST, "CT CHEST", models.FollowupCommunicationInference, lambda i: (
        i.communicated_at[0].hour, i.recipient, i.was_acknowledged) == (15, ["doctor"], True)),
    (CHEST, "CT CHEST", models.RadiologyProcedureInference,
     lambda i: i.ordered_procedure.description == "CT CHEST" and i.imaging_procedures[0].modality.coding),
    (CHEST, "CT CHEST", models.ScoringAndAssessmentInference, lambda i: (i.category, i.single_value) == (
        "LUNG-RADS", "4A")),
    (NODULE, "CT CHEST", models.GuidanceInference, lambda i: (
        i.identifier.coding[0].code, i.finding.kind, i.recommendation_proposals[0].effective_period.start) == (
        "RID50149", "finding", "2024-02-29")),
    (NODULE, "CT CHEST", models.QualityMeasureInference, lambda i: (
        i.quality_measure_denominator, i.compliance_type, i.quality_criteria) == (
        "DOSE LOWERING TECHNIQUE", "performanceMet", ["AUTOMATED EXPOSURE CONTROL"])),
]
MEASURED = {"qualityMeasureOptions": {"measureTypes": ["mips436", "mips406"]}}


@pytest.mark.parametrize(("text", "order", "kind", "holds"), CASES, ids=lambda c: getattr(c, "__name__", None))
def test_every_kind(service, text, order, kind, holds):
    """The client gives each kind as its own class, with its fields and with words of the report."""
    found = [one for one in inferred(service[0], job(text, order, inferenceOptions=MEASURED)) if isinstance(one, kind)]
    assert any(holds(one) for one in found)
    assert all(word in text for one in found for word in words_of(one.as_dict(), text))


def test_the_cases_are_all_kinds():
    """Every kind of the API has its case."""
    assert {kind for _, _, kind, _ in CASES} == set(models.RadiologyInsightsInference.__subclasses__())


def test_async(service):
    """The asynchronous client gets the same answer as the synchronous one."""
    async def ask():
        async with AsyncClient(service[0], AzureKeyCredential(KEY)) as client:
            poller = await client.begin_infer_radiology_insights(id=named(), resource=asked(job(CHEST, "CT CHEST")))
            return await poller.result()
    result = asyncio.run(ask())
    assert result.patient_results[0].inferences == inferred(service[0], job(CHEST, "CT CHEST"))


@pytest.mark.parametrize("version", ["2024-04-01", "2025-07-01-preview"])
def test_versions(service, version):
    """A client of another version is answered too."""
    kinds = {one.kind for one in inferred(service[0], job(CHEST, "CT CHEST"), api_version=version)}
    assert ("scoringAndAssessment" in kinds) is (version != "2024-04-01")


def test_the_client_raises_its_own_errors(service):
    """A wrong key, a wrong job and a taken id are the exceptions that the client has for them, with the code."""
    name, body = named(), job(KNEE)
    with RadiologyInsightsClient(service[0], AzureKeyCredential("wrong")) as stranger, \
            pytest.raises(ClientAuthenticationError):
        stranger.begin_infer_radiology_insights(id=name, resource=asked(body))
    with RadiologyInsightsClient(service[0], AzureKeyCredential(KEY)) as client:
        client.begin_infer_radiology_insights(id=name, resource=asked(body)).result()
        with pytest.raises(ResourceExistsError):
            client.begin_infer_radiology_insights(id=name, resource=asked(job(CHEST)))
        with pytest.raises(HttpResponseError) as caught:
            client.begin_infer_radiology_insights(id=named(), resource={"jobData": {"patients": []}})
    assert caught.value.error is not None
    assert (caught.value.status_code, caught.value.error.code) == (400, "InvalidRequest")


def test_killed_between_put_and_get(tmp_path):
    """A job that was answered is there after every process was killed: a new service tells the same."""
    keys, name = {"FHIR_ADAPTER_API_KEYS": f'["{KEY}"]'}, named()
    with serving(tmp_path, **keys) as (address, _, process), RadiologyInsightsClient(
            address, AzureKeyCredential(KEY)) as client:
        before = client.begin_infer_radiology_insights(id=name, resource=asked(job(CHEST)), polling=False).result()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with serving(tmp_path, **keys) as (address, _, _):
        answer = httpx.get(f"{address}/health-insights/radiology-insights/jobs/{name}?api-version=2024-10-01",
                           headers={"Ocp-Apim-Subscription-Key": KEY})
    assert (answer.status_code, answer.json()["result"]) == (200, before.as_dict())


def test_nothing_of_a_report_is_logged(service):
    """Neither the log nor the metrics hold a name, a number or an id that a client sent."""
    address, log = service
    inferred(address, job(CHEST, "CT ZZYZX QUILLON"))
    told = log.read_text(encoding="utf-8") + httpx.get(f"{address}/metrics", headers={
        "Ocp-Apim-Subscription-Key": KEY}).text
    assert 'route="/health-insights/radiology-insights/jobs/<name>"' in told
    assert leaks(told) == []
    assert "document1" not in told
