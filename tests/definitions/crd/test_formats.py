"""The formats of texts, beside what Kubernetes' library says of the same texts."""

from __future__ import annotations

import pytest

from protocube_server import formats

_VALUES: dict[str, tuple[str, str]] = {
    "ipv4": ("1.2.3.4 255.255.255.255 01.2.3.4 ::ffff:1.2.3.4", "1.2.3 1.2.3.256 ::1 1.2.3.4/8"),
    "ipv6": ("::1 2001:db8::1 ::ffff:1.2.3.4", "1.2.3.4 : 2001::db8::1 fe80::1%eth0"),
    "cidr": ("10.0.0.0/8 1.2.3.4/32 ::/0 2001:db8::/64", "10.0.0.0 10.0.0.0/33 a/8"),
    "uri": (
        "http://a.b /path http://a.b:80/c?d#e mailto:x file:///x",
        "a.b 1http://x http://a:b/ http://a%zz",
    ),
    "email": ("a@b.c a.b+c@d x<a@b.c>", "a @b a@ a.b a..b@c a@b.c,"),
    "hostname": ("a a- a.bc a-b.example.com 1a.example.com xn--a.com", "a_b -a a-b-c a.b1"),
    "mac": (
        "00:00:5e:00:53:01 00-00-5e-00-53-01 0000.5e00.5301",
        "00:00:5e:00:53 00:00-5e:00:53:01",
    ),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000 123E4567E89B12D3A456426614174000", "123 x"),
    "uuid4": ("123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    "date": ("2024-02-29 0000-01-01", "2023-02-29 2024-2-1 20240101 2024-01-01T00:00:00Z"),
    "date-time": (
        "2024-01-01T00:00:00Z 2024-01-01t00:00:00.123z 2024-01-01T02:00:00+02:00",
        "2024-01-01 2024-01-01T24:00:00Z 2024-01-01T00:00Z",
    ),
    "duration": ("1s 1h30m 1.5h 0 -1us 3d 22ns 2weeks 1minutes", "s 1x day"),
    "byte": ("YQ== YWI= YWJj", "YQ Y=== a-_="),
    "isbn": ("0321751043 978-0321751041", "0321751044 978"),
    "creditcard": ("4111-1111-1111-1111", "4111-1111-1111-1112 1"),
    "ssn": ("111-22-3333", "11-22-3333 111223333"),
    "hexcolor": ("#FFFFFF fff #000", "#ff ggg"),
    "rgbcolor": ("rgb(0,0,0) rgb(255,0,12)", "rgb(256,0,0) rgb(0,0)"),
    "bsonobjectid": ("507f1f77bcf86cd799439011", "507f1f77bcf86cd79943901"),
}


@pytest.mark.parametrize("name", _VALUES)
def test_takes_and_refuses_as_kubernetes_does(name: str) -> None:
    """A text is of a format when go-openapi's parser takes it."""
    check = formats.check(name)
    assert check is not None
    good, bad = _VALUES[name]
    assert [text for text in good.split() if not check(text)] == []
    assert [text for text in bad.split() if check(text)] == []


def test_does_not_check_a_format_that_kubernetes_does_not_know() -> None:
    """Unknown formats are remarks."""
    assert formats.check("k8s-short-name") is None
    assert formats.check("int32") is None
