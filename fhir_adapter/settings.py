"""
Every option, its sentence and its default.

Values come, first wins, from arguments, environment variables `FHIR_ADAPTER_<NAME>`, the TOML file that
`FHIR_ADAPTER_CONFIG` names (default `fhir-adapter.toml` in the working directory), then the defaults here. Unknown
names in the file are refused.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from fhir_adapter.errors import SettingsError


class FhirServer(BaseModel):
    """A FHIR server of the operator's: results are pushed to it, or reports come from it, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="[a-z0-9][a-z0-9-]{0,30}", description="What it is called in addresses and logs.")
    address: str = Field(pattern="https?://.+", description="Its FHIR base address.")
    push: tuple[str, ...] = Field((), description="Searches whose results are pushed to it, as `Flag` or "
                                  "`Observation?category=imaging`; `*` is everything; none by default.")
    source: bool = Field(False, description="Whether its notifications are taken and its new reports fetched.")
    look_seconds: float = Field(300, gt=0, description="How often a source is asked for what was not notified.")
    token: SecretStr | None = Field(None, description="A bearer token that does not change.")
    client_id: str = Field("", description="Client id for SMART Backend Services.")
    client_key: Path | None = Field(None, description="PEM private key (RSA or EC) of `client_id`.")
    client_key_id: str = Field("", description="`kid` of `client_key` in the key set that the server knows.")
    scope: str = Field("system/*.rs", description="Scopes that are asked for.")
    token_address: str = Field("", description="Token endpoint; without it, it is looked up at the server.")
    certificate: Path | None = Field(None, description="PEM client certificate.")
    certificate_key: Path | None = Field(None, description="PEM key of `certificate`.")
    ca: Path | None = Field(None, description="PEM certificates that may sign for the server.")
    seconds: float = Field(30, gt=0, description="How long the server may take to answer.")

    @model_validator(mode="after")
    def _whole(self) -> "FhirServer":
        if bool(self.client_id) != (self.client_key is not None):
            raise ValueError("client_id and client_key go together")
        if self.client_id and self.token is not None:
            raise ValueError("token and client_id exclude each other")
        return self


class Settings(BaseSettings):
    """One frozen set of options, made once at start and passed on."""

    model_config = SettingsConfigDict(env_prefix="FHIR_ADAPTER_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path.home() / ".local" / "share" / "fhir-adapter",
                           description="Where the key is kept; created with owner-only permissions.")
    tables_dir: Path | None = Field(None, description="A folder with your own `mappings/` and `hl7/`.")
    key: SecretStr | None = Field(None, description="The de-identification key, 32 bytes or more as hex; without it, "
                                  "the one in `data_dir` is used and made on first use.")
    project: str = Field("", max_length=40, description="What the de-identified data is for; another project has other "
                         "pseudonyms and date shifts, so that the two cannot be linked.")
    mode: Literal["safe-harbor", "limited", "trusted"] = Field("limited", description="How much of the person stays: "
        "`safe-harbor` leaves years only and random tokens from the vault; `limited` moves dates by whole weeks and "
        "derives pseudonyms with the key; `trusted` hides nothing, for a target inside the hospital.")
    vault: bool = Field(False, description="Keep what each pseudonym of mode `limited` stands for, encrypted, in "
                        "`vault.db` in `data_dir`; mode `safe-harbor` always does.")
    surrogates: Literal["tags", "names"] = Field("tags", description="What stands for a person in a text: a role tag "
                                                 "such as `[CLINICIAN-1]`, or an invented name, the same all over.")
    key_epoch: int = Field(1, gt=0, description="Raised to rotate: from then on pseudonyms and date shifts are new.")
    engine: Literal["compiled", "medspacy"] = Field("compiled", description="The language engine; `medspacy` needs the "
                                                    "extra of that name.")
    detectors: tuple[str, ...] = Field((), description="Kinds of insight to look for; empty is all.")
    timezone: str = Field("UTC", description="IANA zone of HL7 times that come without an offset.")
    max_message_bytes: int = Field(16 * 1024 * 1024, gt=0, description="Largest message taken.")
    max_document_bytes: int = Field(32 * 1024 * 1024, gt=0, description="Largest size of an attachment, unpacked.")
    max_text_characters: int = Field(1_000_000, gt=0, description="Longest report text taken.")
    max_json_depth: int = Field(64, gt=0, description="Deepest nesting of FHIR JSON taken.")
    host: str = Field("127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that `serve` listens on.")
    http_head_seconds: float = Field(10, gt=0, description="The head of an HTTP request must arrive within this time.")
    http_body_seconds: float = Field(60, gt=0, description="Its body must arrive within this time.")
    public_url: str = Field("", pattern="^(https?://[^?#]+)?$", description="Address that clients reach `serve` by, "
                            "where a proxy stands before it; links in answers and "
                            "names of resources in notifications begin with it.")
    api_keys: tuple[SecretStr, ...] = Field((), description="Keys that clients of `serve` may bring; without any, only "
                                            "a loopback address is served, to everyone.")
    radiology_insights_compatibility: bool = Field(False, description="Answer the Radiology Insights API with the "
                                                   "reference service's own ids where they are no SNOMED CT ids.")
    workers: int = Field(2, gt=0, description="Processes that answer requests.")
    database: SecretStr | None = Field(None, description="SQLAlchemy URL of a PostgreSQL database; without it, "
                                       "messages and results are kept in SQLite in `data_dir`.")
    engine_processes: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0,
                                  description="Processes that read stored reports; the default is one a processor.")
    keep_processed_days: int = Field(7, gt=0, description="How long the raw bytes of a processed message are kept.")
    keep_failed_days: int = Field(90, gt=0, description="How long the raw bytes of a message that was rejected, failed "
                                  "or filtered are kept.")
    keep_messages_days: int = Field(365, gt=0, description="How long a message is listed after its raw bytes are gone.")
    keep_audit_days: int = Field(2192, gt=0, description="How long it is kept who looked at which message.")
    process_seconds: float = Field(60, gt=0, description="A report that takes longer to read is set aside.")
    subscription_endpoints: tuple[str, ...] = Field((), description="Addresses (http or https) that subscribers may "
                                                    "ask to be notified at, each with all below it; none by default.")
    subscription_seconds: float = Field(10, gt=0, description="How long a subscriber may take to answer.")
    subscription_events_days: int = Field(30, gt=0, description="How long a delivered event can be asked for again.")
    fhir_servers: tuple[FhirServer, ...] = Field((), description="FHIR servers that results are pushed to or reports "
                                                 "come from, each a table `[[fhir_servers]]` of the file.")
    node: str = Field("", description="Name of this machine in the store; empty is its host name.")
    duplicate_days: int = Field(7, gt=0, description="How long a control id (MSH-10) names one message of a sender.")
    mllp_port: int | None = Field(None, ge=0, le=65535, description="Port for HL7 over MLLP; without it, none.")
    mllp_certificate: Path | None = Field(None, description="PEM certificate (chain) for MLLP over TLS.")
    mllp_certificate_key: Path | None = Field(None, description="PEM key of `mllp_certificate`.")
    mllp_client_ca: Path | None = Field(None, description="PEM certificates that MLLP clients must be signed by.")
    mllp_open: bool = Field(False, description="Serve MLLP on an address that others reach without client "
                            "certificates, because a firewall lets only the interface engine through.")
    mllp_connections: int = Field(200, gt=0, description="Most MLLP connections at once.")
    mllp_connections_per_peer: int = Field(20, gt=0, description="Most MLLP connections at once from one address.")
    mllp_idle_seconds: float = Field(3600, gt=0, description="A connection that sends nothing for so long is closed.")
    mllp_message_seconds: float = Field(60, gt=0, description="A message must arrive whole within this time.")
    mllp_pipeline: int = Field(64, gt=0, description="Messages of one connection that may wait for their answer.")
    shutdown_seconds: float = Field(20, gt=0, description="Time to finish what was taken when the service stops.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged, to stderr.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before file."""
        file = Path(os.environ.get("FHIR_ADAPTER_CONFIG", "fhir-adapter.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load(**options: object) -> Settings:
    """The settings from all sources, or a SettingsError that names each wrong option (never its value)."""
    try:
        return Settings(**options)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"Settings are wrong: {wrong}") from None
