"""What tests need beside Python."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test for want of something; fail it where all must be there (KG_TEST_REQUIRE, as in .ci/run)."""
    if os.environ.get("KG_TEST_REQUIRE"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)
