"""The address that throttles and logs go by is the visitor's, and a visitor cannot choose it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from accounts.address import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "203.0.113.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "198.51.100.7", "203.0.113.1"),
        (1, "<script>", "203.0.113.1"),
        (1, "", "203.0.113.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_of_a_request(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.PROXIES_IN_FRONT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected
