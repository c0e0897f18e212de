"""R2, R24: web addresses that people hand in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reading.addresses import is_button_address, is_web_address


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/a-1",
        "http://shop.example",
        "HTTPS://Shop.Example/A",
        "https://shop.example:8443/t?a=1&b=2#c",
        "https://shop.example:00443/",
        "https://shop.example?item=1",
        "https://user:word@shop.example/",
        "https://商店.example/宝贝?id=1",
        "https://xn--fiq228c.example/",
        "https://shop.example./",
        "https://203.0.113.7/t",
        "https://[2001:db8::1]:8443/t",
        "https://a%20b.example/",
        "https://shop.example/a%20b",
    ],
)
def test_r2_addresses_that_a_button_can_carry(address: str) -> None:
    assert is_button_address(address)
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shop.example/a",
        "ftp://shop.example/a",
        "tg://resolve?domain=bot",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://.",
        "http://shop/item/1",
        "http://localhost:8000/t",
        "http://localhost./t",
        "https://shop..example/",
        "https://.example/",
        "https://shop。example。com/t",
        "https://shop．example/t",
        "https://shop｡example.com/t",
        "https://ｓｈｏｐ.example/t",
        "https://shop.example:0/",
        "https://shop.example:/",
        "https://shop.example:65536/",
        "https://shop.example:port/",
        "https://shop.example:" + "9" * 5_000 + "/",
        "https://shop.example/a b",
        "https://shop.example/a\n",
        "https://shop.example/\u200ba",
        "https://shop.example/\u202ea",
        "https://sh\u00a0op.example/",
        "https://sh<op.example/",
        'https://sh"op.example/',
        "https://shop%2.example/",
        "https://shop|x.example/",
        "https://shop.example\\evil/",
        "https://[::1",
        "https://[shop.example]/",
        "https://[fe80::1%25eth0]/",
        "https://shop.example/" + "a" * 2_000,
    ],
)
def test_r2_addresses_that_telegram_refuses_or_that_cannot_be_told_apart(address: str) -> None:
    assert not is_button_address(address)


@given(st.text(alphabet=st.sampled_from(list("htps:/.@[]%a1。．\\ #?\u200b"))).map(lambda rest: "http" + rest))
def test_no_address_raises_and_every_button_address_can_be_connected_to(address: str) -> None:
    assert not is_button_address(address) or is_web_address(address)


@pytest.mark.parametrize("address", ["http://localhost:8081", "http://[::1]:8081/", "http://bot-api:8081"])
def test_the_program_itself_connects_to_addresses_of_its_own_network(address: str) -> None:
    assert is_web_address(address)
