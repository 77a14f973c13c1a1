"""Braces in a template's texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.templates.placeholders import PLACEHOLDERS, checked_placeholders, fill

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{port}", "<port>"),
        ("--port={port} {token_file}", "--port=<port> <token_file>"),
        ('{{"level": 3}}', '{"level": 3}'),
        ("{{{port}}}", "{<port>}"),
        ("{{port}}", "{port}"),
        ("", ""),
    ],
)
def test_placeholders_are_filled_and_double_braces_are_braces(text: str, filled: str) -> None:
    assert fill(checked_placeholders(text), VALUES) == filled


@pytest.mark.parametrize(
    "text",
    [
        '{"level": 3}',
        "{",
        "a } b",
        "{}",
        "{0}",
        "{ports}",
        "{port:>999999999}",
        "{port!r}",
        "{python.parent}",
        "{{port}",
    ],
)
def test_anything_else_in_braces_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"\{\{|\}\}"):
        checked_placeholders(text)


@given(st.text(alphabet="{}a port", max_size=30))
def test_a_text_that_passes_the_check_can_be_filled(text: str) -> None:
    try:
        checked_placeholders(text)
    except ValueError:
        return
    assert fill(text, VALUES).count("<port>") <= text.count("{port}")


@given(st.text(max_size=30))
def test_any_text_can_be_written_with_its_braces_doubled(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert fill(checked_placeholders(doubled), VALUES) == text
