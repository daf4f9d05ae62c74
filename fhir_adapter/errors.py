"""
What can be raised.

    AdapterError
    ├── ConfigurationError            at start only; names the setting or the table row
    │   ├── SettingsError
    │   └── TableError
    ├── MessageError                  the sender can mend it          AE or AR, 400 or 422
    │   ├── UnreadableMessage         not the format it should be     AR, 400
    │   ├── UnsupportedMessage        understood, but not ours        AR, 422
    │   ├── TooLargeMessage           over a limit                    AR, 413
    │   └── NonconformantMessage      something needed is missing     AE, 422
    ├── EngineError                   we must mend it                 AE, 500
    ├── StoreError                    the store is out of reach       AR or CE, 503; send again
    └── DeliveryError                 the world may mend itself
        ├── Refused       permanent   4xx
        ├── Unavailable   transient   5xx, 429, refused before sending
        └── Unknown       ambiguous   timeout after sending

Exception text holds code, place, rule and mend, never content: a MessageError can only be built from Issues.
"""

from fhir_adapter.issues import Issue


class AdapterError(Exception):
    """Everything that this package raises on purpose."""


class ConfigurationError(AdapterError):
    """The installation is wrong; names the setting or the table row and stops the start."""


class SettingsError(ConfigurationError):
    """A setting is unknown or has a value that it may not have."""


class TableError(ConfigurationError):
    """A table breaks its schema; names file, row and column."""


class _WithIssues(AdapterError):
    def __init__(self, *issues: Issue) -> None:
        if not issues:
            raise ValueError("an error needs its issue")
        self.issues = issues
        super().__init__(" ".join(str(issue) for issue in issues))


class MessageError(_WithIssues):
    """The sender can mend it. `issues` says where and how."""


class UnreadableMessage(MessageError):
    """The bytes are not the format that they should be."""


class UnsupportedMessage(MessageError):
    """The message is understood, but is not one that carries a radiology report."""


class TooLargeMessage(MessageError):
    """The message or a part of it is over a limit."""


class NonconformantMessage(MessageError):
    """Something that a report needs is missing or wrong."""


class EngineError(_WithIssues):
    """We must mend it: the engine, the de-identification or the emission failed on this report."""


class StoreError(_WithIssues):
    """The database does not take or give anything now: disk full, gone, too slow. Nothing was kept; send again."""


class DeliveryError(AdapterError):
    """The results could not be handed on; `status` is the receiver's HTTP status, 0 where there was none."""

    def __init__(self, code: str, *, status: int = 0) -> None:
        super().__init__(code)
        self.status = status


class Refused(DeliveryError):
    """The receiver said no; sending again is useless."""


class Unavailable(DeliveryError):
    """The receiver could not be reached or was busy; sending again helps."""


class Unknown(DeliveryError):
    """No answer after sending; the receiver may have it."""
