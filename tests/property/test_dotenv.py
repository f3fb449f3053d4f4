"""The dotenv file is read as the server's own reader reads it."""

import io

from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from fractal_settings.sources.dotenv import parse_dotenv

PIECES = [
    *("A=", "B=", "export ", "A", "B", "'A'=", "=", " = ", "${A}", "${B:-x}", "${C}", "${", "}"),
    *(
        '"',
        "'",
        "\\",
        "\\n",
        "\\'",
        "#",
        " #",
        " ",
        "\t",
        "\n",
        "\n",
        "\n",
        "é",
        "x",
        "1",
        "$A",
        ":-",
    ),
]
LINES = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@given(LINES)
def test_a_dotenv_text_says_what_python_dotenv_takes_it_to_say(text):
    theirs = dotenv_values(stream=io.StringIO(text))
    ours, lines, *_ = parse_dotenv(text, {})
    assert ours == {name: value for name, value in theirs.items() if value is not None}
    assert set(ours) <= set(lines)


def test_a_name_exported_below_its_assignment_is_not_set():
    values, _, unparsed, _ = parse_dotenv("A=1\nexport A\nB=${A:-x}\n", {})
    assert values == {"B": ""}
    assert unparsed == [2]
