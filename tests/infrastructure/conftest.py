"""What tests of more than one technology need."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def swept() -> Iterator[None]:
    """A client that is closed while it connects in vain leaves its socket to the garbage
    collector; what that says must not be taken for a fault of a later test."""
    yield
    gc.collect()
