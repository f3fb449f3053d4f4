"""OAuth providers, made to fail in each way in which they can be made to fail here."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

import pytest

from tests.real import servers
from tests.real.asking import ask, settings

pytestmark = pytest.mark.usefixtures("nothing_left")

WELL_KNOWN = "/.well-known/openid-configuration"


def client(endpoint: str, **more: str) -> dict[str, str]:
    """An environment with one client."""
    return settings(
        OAUTH_LAB_CLIENT_ID="fractal",
        OAUTH_LAB_CLIENT_SECRET="made-up",
        OAUTH_LAB_OIDC_CONFIGURATION_ENDPOINT=endpoint,
        **more,
    )


@pytest.fixture
def tls(home, certificates):
    """Starts a provider with one of the certificates; gives back its discovery address."""
    running = []

    def start(name: str, **options) -> str:
        server = servers.oidc_provider(
            home / "tls-provider", certificate=certificates / f"{name}.pem", **options
        )
        running.append(server)
        return server.__enter__().discovery

    yield start
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def documents(tmp_path):
    """A web server of the files in a folder; gives back its address and the folder."""
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", tmp_path, "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONUNBUFFERED": "1"},
    ) as process:
        port = process.stdout.readline().split("port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}", tmp_path
        process.kill()


@pytest.fixture
def published(documents, provider):
    """Publishes the real provider's document, changed; gives back its discovery address."""
    address, folder = documents
    with urllib.request.urlopen(provider.discovery) as response:  # noqa: S310 - http
        right = json.load(response) | {"issuer": address}

    def publish(change=None, text=None):
        path = folder / WELL_KNOWN[1:]
        path.parent.mkdir(exist_ok=True)
        document = right | (change or {})
        kept = {key: value for key, value in document.items() if value is not None}
        path.write_text(json.dumps(kept) if text is None else text)
        return address + WELL_KNOWN

    return publish


def test_a_provider_is_accepted(provider):
    said = ask("oauth", client(provider.discovery))
    assert said.codes == set()
    assert f"issuer {provider.url}" in said.facts


def test_user_and_password_of_an_endpoint_are_sent_as_the_server_sends_them(provider, tmp_path):
    heard = tmp_path / "heard"
    script = (
        "import http.server, pathlib, sys\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        pathlib.Path(sys.argv[1]).write_text(str(self.headers['Authorization']))\n"
        "        self.send_response(302)\n"
        "        self.send_header('Location', sys.argv[2])\n"
        "        self.end_headers()\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), Handler)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, heard, provider.discovery],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        port = process.stdout.readline().strip()
        ask("oauth", client(f"http://lab:made%2Dup@127.0.0.1:{port}/a"))
        process.kill()
    assert heard.read_text() == "Basic bGFiOm1hZGUtdXA="


def test_a_provider_with_tls_is_accepted_by_the_authority_that_is_named(tls, certificates):
    variables = client(tls("good"), SSL_CERT_FILE=str(certificates / "ca.pem"))
    assert ask("oauth", variables).codes == set()


@pytest.mark.parametrize(
    "endpoint",
    [
        "login.example.org",
        "ftp://login.example.org/x",
        "https://",
        "https://login.example.org:port/",
        "https://[::1/",
        "https://login.example.org/a b",
        "https://login.exämple.org/",
    ],
)
def test_an_endpoint_that_is_no_address_is_told(endpoint):
    assert ask("oauth", client(endpoint)).codes == {"FS682"}


def test_a_provider_without_address_is_told():
    endpoint = f"https://login.no-such-domain.invalid{WELL_KNOWN}"
    assert ask("oauth", client(endpoint)).codes == {"FS683"}


def test_a_closed_port_is_told():
    assert ask("oauth", client(f"http://127.0.0.1:1{WELL_KNOWN}")).codes == {"FS684"}


def test_a_black_hole_gives_no_answer_within_the_limit(black_hole):
    for scheme in ("http", "https"):
        endpoint = f"{scheme}://127.0.0.1:{black_hole}{WELL_KNOWN}"
        assert ask("oauth", client(endpoint), limit=1).codes == {"FS685"}


def test_a_certificate_of_an_unknown_authority_is_told(tls):
    assert ask("oauth", client(tls("good"))).codes == {"FS686"}


def test_a_certificate_that_has_expired_is_told(tls, certificates):
    variables = client(tls("expired"), SSL_CERT_FILE=str(certificates / "ca.pem"))
    assert ask("oauth", variables).codes == {"FS687"}


def test_a_certificate_for_another_name_is_told(tls, certificates):
    variables = client(tls("other"), SSL_CERT_FILE=str(certificates / "ca.pem"))
    assert ask("oauth", variables).codes == {"FS688"}


def test_a_provider_without_tls_is_told(provider):
    endpoint = provider.discovery.replace("http:", "https:")
    assert ask("oauth", client(endpoint)).codes == {"FS689"}


def test_a_provider_with_tls_is_no_plain_web_server(tls):
    endpoint = tls("good").replace("https:", "http:")
    assert ask("oauth", client(endpoint)).codes & {"FS690", "FS691"}


def test_a_service_of_another_kind_is_no_web_server(sshd, redis):
    for port in (sshd.port, redis):
        endpoint = f"http://127.0.0.1:{port}{WELL_KNOWN}"
        assert ask("oauth", client(endpoint)).codes == {"FS690"}


def test_a_document_that_is_not_there_is_told(provider):
    said = ask("oauth", client(f"{provider.url}/realms/lab{WELL_KNOWN}"))
    assert said.codes == {"FS691"}
    assert "status 404" in said.problem("FS691").message


def test_a_redirection_is_told_with_where_it_leads(documents):
    address, folder = documents
    (folder / "lab").mkdir()
    found = ask("oauth", client(f"{address}/lab")).problem("FS691")
    assert "status 301" in found.message
    assert "/lab/" in found.message


@pytest.mark.parametrize(
    "text", ["", "<!DOCTYPE html>", "[]", '"text"', "[" * 100_000, "{" + " " * 2_000_000]
)
def test_a_page_that_is_no_json_object_is_told(published, text):
    assert ask("oauth", client(published(text=text))).codes == {"FS692"}


@pytest.mark.parametrize(
    "lacking", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]
)
def test_a_document_without_an_endpoint_is_told(published, lacking):
    said = ask("oauth", client(published({lacking: None})))
    assert said.codes == {"FS693"}
    assert lacking in said.problem("FS693").message


@pytest.mark.parametrize("methods", [["private_key_jwt"], [], "client_secret_basic", [[]]])
def test_no_method_in_common_is_told(published, methods):
    change = {"token_endpoint_auth_methods_supported": methods}
    assert ask("oauth", client(published(change))).codes == {"FS694"}


def test_methods_that_are_not_named_are_the_usual_one(published):
    change = {"token_endpoint_auth_methods_supported": None}
    assert ask("oauth", client(published(change))).codes == set()


@pytest.mark.parametrize("issuer", ["https://login.example.org", None, 7])
def test_another_issuer_is_told(published, issuer):
    assert ask("oauth", client(published({"issuer": issuer}))).codes == {"FS695"}


def test_a_clock_that_differs_is_told(home):
    late = servers.oidc_provider(home / "late", headers=("Date:Sun, 06 Nov 1994 08:49:37 GMT",))
    with late as provider:
        said = ask("oauth", client(provider.discovery))
    assert said.codes == {"FS696"}
    assert "ahead of the provider's" in said.problem("FS696").message


@pytest.mark.parametrize(
    "date", ["never", "Sun, 99 Nov 1994", "6 Nov 99999999999999999999 08:49:37 GMT", ""]
)
def test_a_clock_that_says_nothing_is_no_problem(home, date):
    with servers.oidc_provider(home / "vague", headers=(f"Date:{date}",)) as provider:
        assert ask("oauth", client(provider.discovery)).codes == set()


def test_github_that_is_not_reached_is_a_note():
    """By a proxy that takes no connections, so that it is the same on every machine."""
    variables = settings(
        OAUTH_GITHUB_CLIENT_ID="fractal",
        OAUTH_GITHUB_CLIENT_SECRET="made-up",
        HTTPS_PROXY="http://127.0.0.1:1",
    )
    said = ask("oauth", variables)
    assert said.codes == set()
    assert said.notes == {"FS697"}


def test_a_proxy_of_the_environment_is_used_as_the_server_uses_it(provider):
    """The provider takes a request for any host, as a proxy does."""
    variables = client(f"http://login.no-such-domain.invalid{WELL_KNOWN}", HTTP_PROXY=provider.url)
    said = ask("oauth", variables)
    assert "FS683" not in said.codes
    direct = variables | {"NO_PROXY": "no-such-domain.invalid"}
    assert ask("oauth", direct).codes == {"FS683"}


def test_each_client_is_probed_and_one_that_hangs_hides_no_other(provider, black_hole):
    variables = client(provider.discovery)
    for name, port in (("A", black_hole), ("B", 1)):
        variables[f"OAUTH_{name}_CLIENT_ID"] = "fractal"
        variables[f"OAUTH_{name}_CLIENT_SECRET"] = "made-up"
        endpoint = f"http://127.0.0.1:{port}{WELL_KNOWN}"
        variables[f"OAUTH_{name}_OIDC_CONFIGURATION_ENDPOINT"] = endpoint
    said = ask("oauth", variables, limit=1)
    assert said.codes == {"FS684", "FS685"}
    assert len(said) == 3


def test_a_password_in_the_endpoint_is_not_shown(black_hole):
    endpoint = f"http://user:s3cret-canary@127.0.0.1:{black_hole}{WELL_KNOWN}"
    said = ask("oauth", client(endpoint), limit=0.5)
    assert "s3cret-canary" not in repr(said)


DRIP = """
import socket, time
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    peer, _ = listener.accept()
    while True:
        peer.sendall(b"H")
        time.sleep(0.05)
"""


def test_an_answer_that_comes_drop_by_drop_ends_at_the_limit():
    """One byte in a while: no pause is long enough for a time-out of a socket."""
    with subprocess.Popen(
        [sys.executable, "-c", DRIP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as dripping:
        port = dripping.stdout.readline().strip()
        said = ask("oauth", client(f"http://127.0.0.1:{port}{WELL_KNOWN}"), limit=1)
        dripping.wait()
    assert said.codes == {"FS685"}
