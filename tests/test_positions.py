"""Places that a property cannot say: which of several is meant, and how they are counted."""

import tomllib

import pytest

from fractal_settings.positions import Position, json_positions, toml_positions


def test_a_pair_has_the_place_of_its_key_and_of_its_value():
    text = '[default]\nPROJECT_NAME  = "Fractal" # why\n'
    assert toml_positions(text)["default", "PROJECT_NAME"] == Position(
        key_line=2, key_column=1, line=2, column=17, end_line=2, end_column=26
    )


def test_the_key_of_a_dotted_pair_is_its_last_part_and_its_table_the_first():
    positions = toml_positions('a . "b" = 1\na.c = 2\n')
    assert positions["a", "b"] == (1, 5, 1, 11, 1, 12)
    assert positions["a", "c"] == (2, 3, 2, 7, 2, 8)
    assert positions["a",] == (1, 1, 1, 1, 1, 2)


def test_a_table_stands_at_its_name_in_its_own_header_although_a_longer_one_came_first():
    positions = toml_positions("[a.b]\n[ 'a' ]\n")
    assert positions["a", "b"] == (1, 4, 1, 4, 1, 5)
    assert positions["a",] == (2, 3, 2, 3, 2, 6)


def test_a_table_without_a_header_stands_where_it_is_named_first():
    assert toml_positions("[a.b]\n[a.c]\n")["a",] == (1, 2, 1, 2, 1, 3)


def test_each_table_of_an_array_has_its_own_place_and_the_array_that_of_the_first():
    positions = toml_positions("[[a]]\n  [[a.b]]\nx = 1\n[[ a ]]\n[a.b]\n")
    assert list(positions) == [
        ("a",),
        ("a", 0),
        ("a", 0, "b"),
        ("a", 0, "b", 0),
        ("a", 0, "b", 0, "x"),
        ("a", 1),
        ("a", 1, "b"),
    ]
    assert positions["a",] == positions["a", 0] == (1, 3, 1, 3, 1, 4)
    assert positions["a", 0, "b", 0] == (2, 7, 2, 7, 2, 8)
    assert positions["a", 1] == (4, 4, 4, 4, 4, 5)
    assert positions["a", 1, "b"] == (5, 4, 5, 4, 5, 5)


def test_an_item_of_an_array_has_no_key_and_the_array_ends_behind_its_bracket():
    positions = toml_positions('extra_lines = [\n  "a", # first\n  "b",\n]\n')
    assert positions["extra_lines",] == (1, 1, 1, 15, 4, 2)
    assert positions["extra_lines", 1] == (3, 3, 3, 3, 3, 6)


def test_columns_count_characters_not_bytes_and_a_tab_as_one():
    positions = toml_positions('\t"é😀" = "中"\r\n\tb = 1\r\n')
    assert positions["é😀",] == (1, 2, 1, 9, 1, 12)
    assert positions["b",] == (2, 2, 2, 6, 2, 7)


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ('"""a\nb"""', (2, 5)),
        ('"""a\n"b"""""', (2, 8)),
        ("'''\n\\'''", (2, 5)),
        ('"""\\\n  """', (2, 6)),
        ("[\n1]", (2, 3)),
    ],
)
def test_a_value_of_several_lines_ends_on_its_last(value, end):
    assert toml_positions(f"a = {value}\nb = 1\n")["a",][2:] == (1, 5, *end)


def test_a_date_and_its_time_are_one_value_and_the_blank_before_a_comment_is_none():
    positions = toml_positions("a = 2024-01-01 07:00:00 # 8\nb = 2024-01-01 # 8\nc = 8")
    assert [position[5] for position in positions.values()] == [24, 15, 6]


@pytest.mark.parametrize("text", ["", "\n", "# only this", "\r\n\t"])
def test_a_toml_text_without_keys_has_no_positions(text):
    assert toml_positions(text) == {}


@pytest.mark.parametrize("text", ['"a"', " 1 ", "[]", "{ }", "null"])
def test_a_json_text_without_members_has_no_positions(text):
    assert json_positions(text) == {}


def test_of_a_json_name_given_twice_the_last_counts_and_nothing_inside_the_first_is_left():
    positions = json_positions('{"a": {"b": [1, 2]},\n "a": {"b": [3]}}')
    assert positions["a", "b", 0][:2] == (2, 14)
    assert set(positions) == {("a",), ("a", "b"), ("a", "b", 0)}


def test_the_key_of_a_json_member_is_read_with_its_escapes():
    assert json_positions(r'{"\u00e9\"": 1}') == {('é"',): (1, 2, 1, 14, 1, 15)}


def test_sixty_four_levels_are_scanned():
    assert len(toml_positions("a = " + "[" * 64 + "]" * 64)) == 64
    assert len(json_positions('{"a":' * 64 + "1" + "}" * 64)) == 64


@pytest.mark.parametrize(
    "text", ["a", "a = ", "a = [", "a = {", "a = [1", "[", "[a", "= 1", 'a = "', "a = '''", "."]
)
def test_a_text_that_tomllib_refuses_is_refused_and_not_scanned_for_ever(text):
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    with pytest.raises(ValueError, match="not what was promised"):
        toml_positions(text)


@pytest.mark.parametrize("text", ["{", "[", '{"a"', '{"a": 1', "[1", "[[1]", "{1: 2}"])
def test_a_text_that_json_refuses_is_refused_and_not_scanned_for_ever(text):
    with pytest.raises(ValueError, match="not what was promised"):
        json_positions(text)
