"""Where subscribers may be called: only below addresses that the operator names."""

from collections.abc import Sequence
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def allowed(endpoint: str, prefixes: Sequence[str]) -> bool:
    """Whether an address lies under one that the operator allows: same scheme, host and port, path below."""
    wanted = _parts(endpoint)
    if wanted is None:
        return False
    for prefix in prefixes:
        given = _parts(prefix)
        if given is not None and wanted[:3] == given[:3]:
            below = given[3].rstrip("/")
            if wanted[3] == below or wanted[3].startswith(f"{below}/"):
                return True
    return False


def _parts(url: str) -> tuple[str, str, int, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password or parts.fragment:
        return None
    if ".." in parts.path.split("/") or "%2e" in parts.path.lower() or "\\" in url:
        return None
    return parts.scheme, parts.hostname, port, parts.path
