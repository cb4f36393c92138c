"""CSV files, good and bad: each error names the file, the line and the column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nn import ChoiceError, DataError, load_csv
from nn.table import read_table


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Return a function that writes table.csv and returns its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_text_targets_are_classes_in_alphabetical_order(write: Any) -> None:
    dataset = load_csv(write("x,y,kind\n1,2,dog\n3,4,cat\n5,6,dog\n"), "kind")
    assert dataset.inputs == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert dataset.targets == [1, 0, 1]
    assert (dataset.class_names, dataset.feature_names) == (("cat", "dog"), ("x", "y"))
    assert (dataset.name, dataset.task) == ("table", "classification")


def test_few_numbers_are_classes_in_numerical_order(write: Any) -> None:
    dataset = load_csv(write("x,kind\n1,10\n2,9\n3,10.0\n"), "kind")
    assert (dataset.class_names, dataset.targets) == (("9", "10"), [1, 0, 1])


@pytest.mark.parametrize(("values", "task"), [(20, "classification"), (21, "regression")])
def test_more_than_20_numbers_are_a_regression(write: Any, values: int, task: str) -> None:
    rows = "".join(f"{i},{i}.5\n" for i in range(values))
    dataset = load_csv(write("x,y\n" + rows), "y")
    assert dataset.task == task
    if task == "regression":
        assert dataset.targets[:2] == [0.5, 1.5]


def test_the_task_can_be_forced(write: Any) -> None:
    path = write("x,y\n1,1\n2,2\n")
    assert load_csv(path, "y", task="regression").targets == [1.0, 2.0]
    many = write("x,y\n" + "".join(f"{i},{i}\n" for i in range(30)))
    assert len(load_csv(many, "y", task="classification").class_names) == 30
    with pytest.raises(ChoiceError, match="unknown task 'regress'; did you mean 'regression'"):
        load_csv(path, "y", task="regress")  # type: ignore[arg-type]


def test_columns_can_be_left_out(write: Any) -> None:
    dataset = load_csv(write("id,x,y\na,1,0\nb,2,1\n"), "y", ignore=["id"])
    assert dataset.feature_names == ("x",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_may_be_separated_as_spreadsheets_do(write: Any, separator: str) -> None:
    text = "x,y,kind\r\n1,2,a\r\n3,4,b\r\n".replace(",", separator)
    assert load_csv(write(text), "kind").inputs == [[1.0, 2.0], [3.0, 4.0]]


def test_a_byte_order_mark_blank_lines_spaces_and_quotes_are_no_matter(write: Any) -> None:
    text = b'\xef\xbb\xbfx,kind\n\n 1 , a\n,\n"2","b, or so"\n'
    dataset = load_csv(write(text), "kind")
    assert (dataset.inputs, dataset.class_names) == ([[1.0], [2.0]], ("a", "b, or so"))
    assert dataset.feature_names == ("x",)


def test_lines_are_counted_where_a_row_begins(write: Any) -> None:
    table = read_table(write('x,kind\n1,"two\nlines"\n\n2,b\n'))
    assert table.lines == [2, 5]


HEADER = "x,kind\n1,a\n2,b\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,kind\n1,a\nabc,b\n", "line 3, column 'x': 'abc' is not a number"),
        ("x,kind\n1,a\n1_0,b\n", "line 3, column 'x': '1_0' is not a number"),
        ("x,kind\n\n1,a\nnan,b\n", "line 4, column 'x': nan is not a finite number"),
        ("x,kind\n1,a\n-inf,b\n", "line 3, column 'x': -inf is not a finite number"),
        ("x,kind\n1,a\n,b\n", "line 3, column 'x': the cell is empty"),
        ("x,kind\n1,a\n2,\n", "line 3, column 'kind': the cell is empty"),
        ("x,kind\n1,a\n2,NaN\n", "line 3, column 'kind': nan is no class"),
        ("x,kind\n1,a\n2,b,c\n", "line 3: 3 cells, but the header has 2"),
        ("x,kind\n1,a\n2\n", "line 3: 1 cells, but the header has 2"),
        ("x,kind\n1,a\n2,a\n", "lines 2 to 3, column 'kind': only one class, 'a'"),
        ("x,sort\n1,a\n2,b\n", "has no column 'kind'; its columns are x, sort"),
        ("x,kinds\n1,a\n", "has no column 'kind'; did you mean 'kinds'? its columns are x, kinds"),
        ("kind\na\nb\n", "has no column but the target 'kind' to learn from"),
        ("x,x,kind\n1,2,a\n", "line 1: two columns are named 'x'"),
        ("x,,kind\n1,2,a\n", "line 1: column 2 has no name"),
        ("", "is empty; its first line must name the columns"),
        ("\n\n", "is empty; its first line must name the columns"),
        ("x,kind\n", "has a header but no rows"),
        ('x,kind\n1,a\n2,"b\n', "line 3: unexpected end of data"),
        (b"x,kind\n1,a\n2,\xff\n", "line 3: not UTF-8 text"),
        ("x,kind\n1,a\n2,b\x00\n", "line 3: a NUL byte; save the file as UTF-8"),
    ],
)
def test_a_bad_table_is_an_error_that_says_where(
    write: Any, content: str | bytes, message: str
) -> None:
    path = write(content)
    with pytest.raises(DataError) as caught:
        load_csv(path, "kind")
    text = str(caught.value)
    assert text.startswith(str(path))
    assert message in text
    assert "\n" not in text


def test_a_slip_among_many_numbers_is_an_error_and_no_class(write: Any) -> None:
    rows = "".join(f"{i},{i}.5\n" for i in range(30))
    with pytest.raises(DataError, match="line 32, column 'y': 'n/a' is not a number"):
        load_csv(write("x,y\n" + rows + "30,n/a\n"), "y")


def test_text_in_a_regression_is_an_error(write: Any) -> None:
    with pytest.raises(DataError, match="line 2, column 'kind': 'a' is not a number"):
        load_csv(write(HEADER), "kind", task="regression")


def test_an_ignored_column_has_to_be_there(write: Any) -> None:
    with pytest.raises(DataError, match="has no column 'id'"):
        load_csv(write(HEADER), "kind", ignore=["id"])


def test_a_missing_file_and_a_directory_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*none.csv: No such file or directory"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"cannot read .*: Is a directory"):
        read_table(tmp_path)
