"""OAuth clients: the server fetches each discovery document when it starts, and needs it whole."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
    getproxies,
    proxy_bypass,
)

from ..model import OAuthClientConfig
from ..problems import Problem, problem
from ..redact import printable, redacted
from .probe import Fact, Finding, Probe, Scene, Waiting, ask_resolver, quote, resolve

_WELL_KNOWN = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
_METHODS = {"client_secret_basic", "client_secret_post"}
_OWN = {"google": "https://accounts.google.com/", "github": "https://github.com/"}
_LARGEST = 1024 * 1024
_SKEW = 60
_PORTS = {"http": 80, "https": 443}
_EXPIRED = {9, 10}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_OTHER_NAME = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


class _Client(NamedTuple):
    """A client, its endpoint, and the variable that holds it."""

    name: str
    endpoint: str
    variable: str

    @property
    def shown(self) -> str:
        return printable(str(redacted("", self.endpoint)))


class _Answer(NamedTuple):
    status: int
    body: bytes
    date: str
    location: str


class _NoRedirect(HTTPRedirectHandler):
    """The server follows none either."""

    def redirect_request(self, *_: object) -> None:
        pass


def probes(scene: Scene) -> list[Probe]:
    """One probe for each client."""
    clients = scene.facts.values.get("OAUTH_CLIENTS_CONFIG")
    found = []
    for each in clients if isinstance(clients, list) else []:
        if not isinstance(each, OAuthClientConfig):
            continue
        name = f"OAuth {printable(each.CLIENT_NAME)}"
        # The server asks these two nothing when it starts, whatever the case of the name.
        own = _OWN.get(each.CLIENT_NAME.lower())
        if own:
            found.append(Probe(name, partial(_reach, each.CLIENT_NAME, own)))
        elif each.OIDC_CONFIGURATION_ENDPOINT:
            variable = f"OAUTH_{each.CLIENT_NAME}_OIDC_CONFIGURATION_ENDPOINT"
            client = _Client(each.CLIENT_NAME, each.OIDC_CONFIGURATION_ENDPOINT, variable)
            found.append(Probe(name, partial(_look, scene, client)))
    return found


def _reach(name: str, url: str) -> Iterator[Finding]:
    unreachable = problem(
        "FS697",
        f"OAuth {printable(name)}: {url} is not reached from here, so nobody can log in by it",
        name=f"OAUTH_{name}_CLIENT_ID",
        hint="let the server reach it, by HTTPS_PROXY if need be",
    )
    yield Waiting(unreachable)
    try:
        _fetch(url)
    except (OSError, HTTPException, ValueError):
        yield unreachable
    else:
        yield Fact(f"{url} is reached")


def _look(scene: Scene, client: _Client) -> Iterator[Finding]:
    parts = _address(client.endpoint)
    if parts is None:
        yield problem(
            "FS682",
            f"OAuth {printable(client.name)}: {client.shown} is no address of a web page",
            name=client.variable,
            hint=f"https://PROVIDER{_WELL_KNOWN}",
        )
        return
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    if not _by_proxy(parts):
        unresolved = problem(
            "FS683",
            f"OAuth {printable(client.name)}: no address is known for the name {printable(host)}",
            name=client.variable,
            hint=ask_resolver(host),
        )
        if not (yield from resolve(host, port, unresolved)):
            return
    yield Waiting(
        problem(
            "FS685",
            f"OAuth {printable(client.name)}: {client.shown} gives no answer within "
            f"{scene.limit:g} s",
            name=client.variable,
            hint=f"curl -v {client.shown}",
        )
    )
    try:
        answer = _fetch(client.endpoint)
    except HTTPException as error:
        yield _not_http(client, type(error).__name__)
    except (OSError, ValueError) as error:
        yield _unreached(client, _cause(error))
    else:
        yield from _judge(client, answer, scene)


def _address(endpoint: str) -> SplitResult | None:
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in _PORTS and parts.hostname and parts.port != 0
        endpoint.encode("ascii")
    except ValueError:
        return None
    return parts if usable and not any(each.isspace() for each in endpoint) else None


def _by_proxy(parts: SplitResult) -> bool:
    return parts.scheme in getproxies() and not proxy_bypass(parts.netloc)


def _fetch(url: str) -> _Answer:
    """Get a page as the server would: by proxies of the environment, following no redirect."""
    opener = build_opener(_NoRedirect, HTTPSHandler(context=_trust()))
    address, login = _without_login(url)
    headers = {"Accept": "application/json", "User-Agent": "fractal-settings", **login}
    request = Request(address, headers=headers)  # noqa: S310 - its scheme was looked at
    try:
        with opener.open(request) as response:
            return _Answer(
                response.status, response.read(_LARGEST + 1), response.headers.get("Date", ""), ""
            )
    except HTTPError as error:
        with error:
            return _Answer(
                error.code, b"", error.headers.get("Date", ""), error.headers.get("Location", "")
            )


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the header that says them, as httpx sends it."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return plain.geturl(), {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}


def _trust() -> ssl.SSLContext:
    """SSL_CERT_FILE and SSL_CERT_DIR, else certifi's authorities, as httpx in the server takes."""
    authorities = None
    if not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        with contextlib.suppress(ImportError):
            import certifi

            authorities = certifi.where()
    context = ssl.create_default_context(cafile=authorities)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # of Python 3.13, which the server is not
    return context


def _cause(error: Exception) -> Exception:
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        return error.reason
    return error


def _unreached(client: _Client, error: Exception) -> Problem:
    who = f"OAuth {printable(client.name)}: {client.shown}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _bad_certificate(client, who, error)
    if isinstance(error, ssl.SSLError):
        return problem(
            "FS689",
            f"{who} does not speak TLS as it should: {quote(error.reason or str(error))}",
            name=client.variable,
            hint="http:// for a port without TLS, or mend TLS there",
        )
    if isinstance(error, socket.gaierror):
        return problem(
            "FS683",
            f"{who}: no address is known for its name, or for the proxy's",
            name=client.variable,
            hint="echo $HTTPS_PROXY $HTTP_PROXY",
        )
    if isinstance(error, OSError) and not isinstance(error, ConnectionResetError):
        return problem(
            "FS684",
            f"{who} takes no connections: {quote((error.strerror or str(error)).lower())}",
            name=client.variable,
            hint="start the provider, or mend host and port",
        )
    return _not_http(client, quote(str(error)))


def _not_http(client: _Client, reason: str) -> Problem:
    return problem(
        "FS690",
        f"OAuth {printable(client.name)}: what answers at {client.shown} does not speak HTTP: "
        f"{reason}",
        name=client.variable,
        hint="mend scheme and port",
    )


def _bad_certificate(client: _Client, who: str, error: ssl.SSLCertVerificationError) -> Problem:
    reason = quote(error.verify_message)
    if error.verify_code in _EXPIRED:
        return problem(
            "FS687",
            f"{who}: its certificate is not valid now: {reason}",
            name=client.variable,
            hint="renew the certificate there, or mend the clock here (timedatectl)",
        )
    if error.verify_code in _OTHER_NAME:
        return problem(
            "FS688",
            f"{who}: its certificate is for another name: {reason}",
            name=client.variable,
            hint="use the name that the certificate has",
        )
    return problem(
        "FS686",
        f"{who}: its certificate is not trusted: {reason}",
        name=client.variable,
        hint="SSL_CERT_FILE=/path/to/authorities.pem, where the server starts",
    )


def _judge(client: _Client, answer: _Answer, scene: Scene) -> Iterator[Finding]:
    who = f"OAuth {printable(client.name)}: {client.shown}"
    yield from _skew(client, answer.date, scene)
    if answer.status != 200:  # noqa: PLR2004 - OK
        further = f", which points to {quote(answer.location)}" if answer.location else ""
        yield problem(
            "FS691",
            f"{who} answers with status {answer.status}{further}",
            name=client.variable,
            hint="the address in the browser must show the document itself: "
            f"https://PROVIDER{_WELL_KNOWN}",
        )
        return
    document = _document(answer.body)
    if document is None:
        yield problem(
            "FS692",
            f"{who} answers, and not with a JSON object",
            name=client.variable,
            hint=f"https://PROVIDER{_WELL_KNOWN}",
        )
        return
    yield from _contents(client, document, who)


def _document(body: bytes) -> dict[str, object] | None:
    if len(body) > _LARGEST:
        return None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _contents(client: _Client, document: dict[str, object], who: str) -> Iterator[Finding]:
    missing = [each for each in _NEEDED if not isinstance(document.get(each), str)]
    if missing:
        yield problem(
            "FS693",
            f"{who} lacks {', '.join(missing)}",
            name=client.variable,
            hint="the provider must offer them; is it the right document?",
        )
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list) or not _METHODS & {
        each for each in methods if isinstance(each, str)
    }:
        yield problem(
            "FS694",
            f"{who} offers no way to authenticate that the server has: "
            f"{quote(json.dumps(methods))}",
            name=client.variable,
            hint=f"allow one of {', '.join(sorted(_METHODS))} at the provider",
        )
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") + _WELL_KNOWN != client.endpoint:
        yield problem(
            "FS695",
            f"{who} is of the issuer {quote(str(issuer))}, whose document is elsewhere",
            name=client.variable,
            hint=f"{printable(str(issuer)).rstrip('/')}{_WELL_KNOWN}",
        )
    else:
        yield Fact(f"issuer {quote(issuer)}")


def _skew(client: _Client, date: str, scene: Scene) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):  # OverflowError: a year of more digits
        return
    ahead = scene.clock() - theirs
    if abs(ahead) > _SKEW:
        yield problem(
            "FS696",
            f"OAuth {printable(client.name)}: the clock here is {abs(ahead):.0f} s "
            f"{'ahead of' if ahead > 0 else 'behind'} the provider's",
            name=client.variable,
            hint="timedatectl set-ntp true, here or there",
        )
