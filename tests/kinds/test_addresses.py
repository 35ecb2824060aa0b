"""Addresses and ranges as the fields of built-in kinds take them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import changed, said

_NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_NO_RANGE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_POD: dict[str, Any] = {
    "metadata": {"name": "a", "namespace": "default"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]},
}
_SERVICE: dict[str, Any] = {
    "metadata": {"name": "a", "namespace": "default"},
    "spec": {"ports": [{"port": 80}], "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv6"]},
}
_ENDPOINTS: dict[str, Any] = {
    "metadata": {"name": "a", "namespace": "default"},
    "subsets": [{"addresses": [{"ip": ""}], "ports": [{"port": 80}]}],
}
_SLICE: dict[str, Any] = {
    "metadata": {"name": "a", "namespace": "default"},
    "addressType": "IPv6",
    "endpoints": [{"addresses": []}],
}


@pytest.mark.parametrize(
    ("word", "manifest", "path", "value"),
    [
        ("pods", _POD, "spec.hostAliases", [{"ip": "{}"}]),
        ("pods", _POD, "spec.dnsConfig", {"nameservers": ["{}"]}),
        ("services", changed(_SERVICE, {"spec.clusterIP": "{}"}), "spec.clusterIPs", ["{}"]),
        ("services", _SERVICE, "spec.externalIPs", ["{}"]),
        ("endpoints", _ENDPOINTS, "subsets.0.addresses", [{"ip": "{}"}]),
        ("endpointslices", _SLICE, "endpoints.0.addresses", ["{}"]),
        ("ipaddresses", {}, "metadata", {"name": "{}"}),
    ],
)
def test_an_address_has_no_zone(word: str, manifest: Any, path: str, value: Any) -> None:
    """It would mean another thing on each machine, and be a second name of one address."""
    plain, zoned = "2001:db8::1", "2001:db8::1%eth0"
    assert not _told(word, _with(changed(manifest, {path: value}), plain))
    assert _told(word, _with(changed(manifest, {path: value}), zoned))


def _with(value: Any, text: str) -> Any:
    """Return ``value`` with ``text`` for the address."""
    if isinstance(value, dict):
        return {name: _with(each, text) for name, each in value.items()}
    if isinstance(value, list):
        return [_with(each, text) for each in value]
    return text if value == "{}" else value


def _told(word: str, manifest: Any) -> list[str]:
    return [line for line in said(word, manifest) if _NO_ADDRESS in line]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("10.2.0.0/16", ""),
        ("2001:db8::/64", ""),
        ("fe80::%1/64", _NO_RANGE),
        ("10.0.0.0/255.0.0.0", _NO_RANGE),
        ("10.0.0.0", _NO_RANGE),
        ("10.0.0.0/33", _NO_RANGE),
        ("10.0.0.0/", _NO_RANGE),
        ("10.0.0.1/8", "must not have bits set beyond the prefix length"),
        ("::ffff:a00:0/120", "must not have an IPv4-mapped IPv6 address"),
        ("2001:DB8::/64", 'must be in canonical form ("2001:db8::/64")'),
    ],
)
def test_the_range_of_a_service_cidr(text: str, detail: str) -> None:
    """It has one form, and is refused in Kubernetes' words."""
    found = said("servicecidrs", {"metadata": {"name": "a"}, "spec": {"cidrs": [text]}})
    assert found == ([f'spec.cidrs[0]: Invalid value: "{text}": {detail}'] if detail else [])
