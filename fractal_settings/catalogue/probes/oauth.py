"""FS682 to FS697: OAuth providers."""

from __future__ import annotations

from ...problems import Severity
from ..entry import COMPLETE, Entry, Example

_ONLY = ("doctor", "--only", "oauth")
_NEEDS = "an OpenID provider at the address of the example"
_ENDPOINT = "https://login.example.org/.well-known/openid-configuration"


def _entry(
    code: str,
    title: str,
    meaning: str,
    fix: str,
    severity: Severity = Severity.ERROR,
    *,
    needs: str = _NEEDS,
    endpoint: str = _ENDPOINT,
) -> Entry:
    client = {"OAUTH_LAB_CLIENT_ID": "fractal", "OAUTH_LAB_CLIENT_SECRET": "made-up"}
    name = "OAUTH_LAB_OIDC_CONFIGURATION_ENDPOINT"
    wrong = Example({}, {**COMPLETE, **client, name: endpoint}, _ONLY, needs)
    right = Example({}, {**COMPLETE, **client, name: _ENDPOINT}, _ONLY, _NEEDS)
    return Entry(code, title, severity, meaning, fix, wrong, right)


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "FS682",
        "The endpoint is no address",
        "The server fetches the endpoint when it starts. It must be a whole address, with "
        "`https://` or `http://`, a host, and nothing but ASCII.",
        "Copy it from the browser: it ends in `/.well-known/openid-configuration`.",
        needs="",
        endpoint="login.example.org",
    ),
    _entry(
        "FS683",
        "The name of the provider has no address",
        "The resolver of this machine knows no address for the host, or did not answer in time. "
        "The server would not start.",
        "Mend the name, the resolver, or the proxy.",
        needs="",
        endpoint="https://login.no-such-domain.invalid/.well-known/openid-configuration",
    ),
    _entry(
        "FS684",
        "The provider takes no connections",
        "The host is there, and nothing listens at the port, or no way leads there. The server "
        "would not start.",
        "Start the provider, or mend host and port.",
        needs="",
        endpoint="http://127.0.0.1:1/.well-known/openid-configuration",
    ),
    _entry(
        "FS685",
        "The provider gives no answer",
        "Nothing came back within the time limit. The server waits five seconds, and would not "
        "start.",
        "Look at the provider, and for a firewall on the way.",
        needs="something that accepts connections and says nothing",
    ),
    _entry(
        "FS686",
        "The provider's certificate is not trusted",
        "None of the authorities that the server trusts has signed it. The server takes those of "
        "certifi, not those of the system, unless SSL_CERT_FILE or SSL_CERT_DIR is set.",
        "Set SSL_CERT_FILE to the authorities' file in the environment of the server.",
        needs="a provider with a certificate of its own making",
    ),
    _entry(
        "FS687",
        "The provider's certificate is not valid now",
        "It has expired, or is not yet valid, by the clock of this machine.",
        "Renew the certificate, or set the clock.",
        needs="a provider whose certificate has expired",
    ),
    _entry(
        "FS688",
        "The provider's certificate is for another name",
        "The name or address in the endpoint is none of those that the certificate is for.",
        "Write the name that the certificate has.",
        needs="a provider that has another name",
    ),
    _entry(
        "FS689",
        "TLS fails",
        "The endpoint starts with `https://`, and what listens there does not speak TLS, or no "
        "version of it that is still safe.",
        "Mend the port, the scheme, or TLS at the provider.",
        needs="a provider without TLS",
    ),
    _entry(
        "FS690",
        "Not a web server",
        "Something answers there, in words that HTTP does not use.",
        "Mend scheme and port.",
        needs="a service of another kind",
    ),
    _entry(
        "FS691",
        "The document is not there",
        "The provider answers with another status than 200. A redirection is one, too: the server "
        "follows none.",
        "Write the address under which the browser shows the document, after all redirections.",
        endpoint="https://login.example.org/nothing-here",
    ),
    _entry(
        "FS692",
        "The document is not JSON",
        "A page came back, and no JSON object: most often a login page for people.",
        "Write the address of the discovery document.",
        endpoint="https://login.example.org/",
    ),
    _entry(
        "FS693",
        "The document lacks an endpoint",
        "The server needs `authorization_endpoint` and `token_endpoint` to start, and "
        "`userinfo_endpoint` when somebody logs in.",
        "Choose a provider, or a client at the provider, that offers them.",
        needs="a provider without one of them",
    ),
    _entry(
        "FS694",
        "No way to authenticate in common",
        "The server can hand over its client secret as `client_secret_basic` or "
        "`client_secret_post`. The provider offers neither, and the server would not start.",
        "Allow one of the two at the provider.",
        needs="a provider that takes private_key_jwt alone",
    ),
    _entry(
        "FS695",
        "The issuer is another one",
        "The document names an issuer whose discovery document is at another address. The server "
        "starts all the same; yet it may be the document of another tenant or realm.",
        "Write the address that belongs to the issuer: the issuer, then "
        "`/.well-known/openid-configuration`.",
        Severity.WARNING,
        needs="a provider behind another name",
    ),
    _entry(
        "FS696",
        "The clocks differ",
        "The provider's clock and the one of this machine are more than a minute apart. Tokens "
        "seem expired, or not yet valid.",
        "`timedatectl set-ntp true`, on the one that is wrong.",
        Severity.WARNING,
        needs="a provider with a wrong clock",
    ),
    _entry(
        "FS697",
        "Google or GitHub is not reached",
        "The server does not ask them when it starts, so it does start. Nobody can log in by them "
        "while it cannot reach them.",
        "Let the server out to the internet, by HTTPS_PROXY if need be; or remove the client.",
        Severity.NOTE,
        needs="a machine without a way to the internet, and a client named GITHUB",
    ),
)
