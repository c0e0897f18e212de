"""Which proxy an address is reached through: PROXY, HTTPS_PROXY and the others, and the exceptions of NO_PROXY."""

from __future__ import annotations

import pytest

from services.network.proxies import Proxy, ProxyKind, ProxyRules, is_loopback, read_exceptions

OUT = Proxy(ProxyKind.HTTP, "proxy.corp", 3128)


@pytest.mark.parametrize(
    ("address", "kind", "host", "port", "user", "password"),
    [
        ("http://proxy.corp:3128", ProxyKind.HTTP, "proxy.corp", 3128, "", ""),
        ("http://ann:p%40ss%2F%3A@proxy.corp:3128/", ProxyKind.HTTP, "proxy.corp", 3128, "ann", "p@ss/:"),
        ("proxy.corp:3128", ProxyKind.HTTP, "proxy.corp", 3128, "", ""),
        ("http://proxy.corp", ProxyKind.HTTP, "proxy.corp", 80, "", ""),
        ("socks5://127.0.0.1", ProxyKind.SOCKS5, "127.0.0.1", 1080, "", ""),
        ("socks5h://ann@[::1]:1080", ProxyKind.SOCKS5, "::1", 1080, "ann", ""),
        ("socks://127.0.0.1:7891/", ProxyKind.SOCKS5, "127.0.0.1", 7891, "", ""),
        (" HTTP://proxy.corp:3128 ", ProxyKind.HTTP, "proxy.corp", 3128, "", ""),
    ],
)
def test_a_proxys_address_is_read(
    address: str, kind: ProxyKind, host: str, port: int, user: str, password: str
) -> None:
    assert Proxy.parse(address) == Proxy(kind, host, port, user, password)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://",
        "https://proxy.corp:3128",
        "ftp://proxy.corp",
        "socks4://proxy.corp",
        "http://proxy.corp:port",
        "http://proxy.corp:12#word@proxy:3128",
        "http://proxy.corp:3128/path",
        "http://a%3Ab:c@proxy.corp",
        f"socks5://ann:{'x' * 256}@proxy.corp",
        "socks5://ann:%E5%AF%86@proxy.corp",
    ],
)
def test_what_is_no_proxys_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValueError) as caught:
        Proxy.parse(address)
    assert "corp" not in str(caught.value)


def test_a_proxy_is_shown_without_its_password() -> None:
    proxy = Proxy.parse("socks5://ann:canary%40@[::1]:1080")
    assert str(proxy) == "socks5://ann:***@[::1]:1080" and "canary" not in repr(proxy)
    assert proxy.url == "socks5://ann:canary%40@[::1]:1080" and Proxy.parse(proxy.url) == proxy


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081",
        "http://127.8.9.10",
        "http://localhost:8081",
        "https://LOCALHOST.",
        "http://chat.localhost",
        "http://[::1]:8081",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0:8081",
    ],
)
def test_this_machine_is_never_reached_through_a_proxy(url: str) -> None:
    assert ProxyRules(OUT, OUT).proxy_for(url) is None


def test_a_host_whose_name_only_looks_like_this_machine_is_another_one() -> None:
    assert not any(map(is_loopback, ("localhost.example.com", "127.0.0.1.example.com", "mylocalhost", "10.0.0.1")))


@pytest.mark.parametrize(
    ("exceptions", "direct", "proxied"),
    [
        ("example.com", ("https://example.com", "https://a.EXAMPLE.com."), ("https://notexample.com",)),
        (".example.com", ("https://example.com", "https://a.example.com"), ("https://example.org",)),
        ("*.example.com", ("https://a.example.com",), ("https://a.example.org",)),
        ("example.com:8443", ("https://example.com:8443",), ("https://example.com",)),
        ("example.com:443", ("https://example.com",), ("http://example.com",)),
        ("bot-api, other", ("http://bot-api:8081", "http://other"), ("http://bot",)),
        (
            "10.0.0.0/8 192.168.1.7",
            ("http://10.1.2.3", "http://192.168.1.7"),
            ("http://192.168.1.8", "http://11.0.0.1"),
        ),
        ("fd00::/8,[fe80::1]:8081", ("http://[fd00::1]", "http://[fe80::1]:8081"), ("http://[fe80::1]",)),
        ("*", ("https://api.telegram.org", "http://10.0.0.1"), ()),
        ("", (), ("https://api.telegram.org",)),
        (", .,:80,", (), ("https://api.telegram.org", "http://host")),
    ],
)
def test_the_exceptions_are_reached_directly(
    exceptions: str, direct: tuple[str, ...], proxied: tuple[str, ...]
) -> None:
    rules = ProxyRules(OUT, OUT, read_exceptions(exceptions))
    assert [url for url in direct if rules.proxy_for(url) is not None] == []
    assert [url for url in proxied if rules.proxy_for(url) is not OUT] == []


def test_https_and_http_have_proxies_of_their_own() -> None:
    rules = ProxyRules(https=OUT)
    assert rules.proxy_for("https://api.telegram.org") is OUT and rules.proxy_for("http://api.telegram.org") is None
