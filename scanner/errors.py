"""Every deliberate exception. Each one is told to the user as one sentence that says what to do next."""

from __future__ import annotations

INTERRUPTED = 130
"""The exit code that shells give to what was interrupted."""


class BulkheadError(Exception):
    """A problem the user can act on. `exit_code` is what the command line ends with."""

    exit_code = 4


class UsageError(BulkheadError):
    """The command line, the configuration or a file named on it is wrong (exit 2)."""

    exit_code = 2


class ConfigError(UsageError):
    """`bulkhead.yaml` has a wrong key or value; the message names file and line."""


class RuleError(UsageError):
    """A rule or vocabulary file is broken; the message names file and line."""


class WaiverError(UsageError):
    """The file of waivers, a baseline or a list to import is broken; the message names file and line where it can."""


class TemplateError(UsageError):
    """An own template of a report is broken; the message names file and line."""


class HistoryError(UsageError):
    """The history of scans cannot be used: it is not there, damaged, of another version, or cannot be written."""


class SnapshotError(UsageError):
    """A snapshot cannot be read: not a snapshot, damaged, or of another version."""


class GateError(UsageError):
    """A plan, template or directory cannot be judged: broken, truncated, or of another version; the message names the file."""


class RecordingError(UsageError):
    """A directory of recorded responses cannot be used."""


class AccessError(BulkheadError):
    """AWS could not be entered at all: no credentials, expired token, no network (exit 4)."""


class NothingReadError(BulkheadError):
    """Not one call was answered, so nothing can be said about the organization (exit 4)."""


class InterruptedScanError(BulkheadError):
    """Somebody stopped a collection; what was read is kept (exit 130)."""

    exit_code = INTERRUPTED


class EngineError(BulkheadError):
    """The engine that was asked for cannot be reached, or does not see the snapshot (exit 4)."""


class OutputError(BulkheadError):
    """A result could not be written where the user asked for it (exit 4)."""


class DeliveryError(BulkheadError):
    """Findings could not be handed on to where they were to go, all or some (exit 4)."""


class ForbiddenCall(BulkheadError):
    """The read-only guard refused an AWS operation before it was sent. Always a bug in a collector."""
