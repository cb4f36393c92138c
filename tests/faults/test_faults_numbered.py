"""Every fault has a number from 1 to 114, and here is the test of each.

Most tests carry the number in their name or id: `test_fault_42_...`, `"70-negative"`. The others
are named below, and so are the faults without a test, with the reason.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LAST = 114
CARRIED = (
    re.compile(r"def test_faults?_(\d+)(?:_(?:and|to)_(\d+))?_"),
    re.compile(r'"fault_(\d+) '),
)
IN_NN = (re.compile(r"def test_(\d\d)_"), re.compile(r'"(\d\d)-'))

NAMED: dict[int, tuple[str, ...]] = {
    89: ("nn/test_checkpoint.py::test_the_file_is_strict_json",),
    90: (
        "nn/test_checkpoint.py::test_a_file_cut_off_anywhere_is_an_error",
        "nn/test_checkpoint.py::test_a_bit_flipped_anywhere_is_an_error_or_changes_nothing",
        "nn/test_checkpoint.py::test_a_file_of_something_else_is_an_error",
    ),
    91: ("nn/test_checkpoint.py::test_a_file_with_wrong_content_is_an_error",),
    92: ("nn/test_checkpoint.py::test_a_model_that_does_not_fit_keeps_its_weights",),
    93: ("nn/test_checkpoint.py::test_a_file_with_wrong_content_is_an_error",),
    94: ("nn/test_checkpoint.py::test_every_float_comes_back_to_the_last_bit",),
    95: ("nn/test_checkpoint.py::test_a_write_that_fails_leaves_the_old_file_and_no_other",),
    96: (
        "nn/test_checkpoint.py::test_a_write_that_fails_leaves_the_old_file_and_no_other",
        "nn/test_checkpoint.py::test_a_missing_file_and_a_folder_are_errors",
        "nn/test_checkpoint.py::test_a_folder_that_is_not_there_is_an_error",
    ),
    98: ("nn/test_checkpoint.py::test_paths_may_be_text_with_spaces_and_any_letters",),
    99: ("nn/test_checkpoint.py::test_a_model_that_does_not_fit_keeps_its_weights",),
    101: (
        "engine/test_copying.py::test_a_node_in_the_middle_of_a_graph",
        "engine/test_copying.py::test_interior_nodes_are_shared_within_what_is_copied_together",
        "engine/test_copying.py::test_a_chain_of_100_000_nodes",
    ),
    102: (
        "engine/test_memory.py::test_no_node_is_left_alive",
        "engine/test_memory.py::test_long_chains_are_freed",
    ),
    103: ("engine/test_lifetime.py::test_10_000_training_steps_leave_memory_flat",),
    104: (
        "engine/test_concurrency.py::test_threads_with_graphs_of_their_own_give_what_they_give_alone",
        "engine/test_concurrency.py::test_modes_belong_to_the_thread_that_opened_them",
        "engine/test_concurrency.py::test_tasks_that_take_turns_have_modes_of_their_own",
    ),
    105: ("engine/test_concurrency.py::test_threads_that_share_parameters_do_not_crash",),
    107: ("engine/test_concurrency.py::test_a_forked_child_computes_on",),
    108: ("engine/test_lifetime.py::test_shutdown_with_graphs_alive_everywhere",),
    109: ("engine/test_lifetime.py::test_warnings_that_are_errors",),
    110: (
        "view/test_draw_collapse.py::test_of_what_is_too_large_the_part_that_is_nearest_is_collapsed",
        "view/test_steps.py::test_a_graph_of_a_million_nodes_is_refused_at_once",
    ),
    111: (
        "view/test_draw_formats.py::test_any_text_gives_a_valid_svg_that_says_it",
        "view/test_draw_formats.py::test_any_text_gives_a_page_with_its_own_scripts_only",
        "view/test_draw_formats.py::test_dot_holds_three_nodes_whatever_they_are_called",
    ),
    112: (
        "view/test_draw_formats.py::test_without_graphviz_a_script_gets_an_error_that_names_both_ways",
        "view/test_draw_formats.py::test_without_graphviz_a_notebook_is_told_how_to_get_pictures",
    ),
    113: (
        "view/test_steps.py::test_data_changed_after_the_forward_pass",
        "view/test_steps.py::test_two_steppers_on_one_graph_do_not_meet",
        "view/test_steps_play.py::test_enter_goes_on_and_ends_after_the_last_step",
    ),
    114: (
        "view/test_draw.py::test_numbers_are_written_with_four_significant_digits",
        "view/test_draw.py::test_nan_and_inf_raise_the_alarm_and_nothing_else_does",
        "view/test_steps_text.py::test_json_of_nan_and_inf",
    ),
}
UNTESTED = {
    106: "needs Python 3.13 and a free-threaded one beside the one that runs the tests",
}


@cache
def carried() -> dict[int, list[str]]:
    """Return the files that have a test with a number in its name or id, by the number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        patterns = [*CARRIED]
        if path.name.startswith("test_faults") and ("nn" in path.parts or "layers" in path.name):
            patterns += IN_NN
        text = path.read_text()
        for pattern in patterns:
            for match in pattern.finditer(text):
                first, *last = [int(number) for number in match.groups() if number]
                for number in range(first, (last or [first])[0] + 1):
                    found.setdefault(number, []).append(str(path.relative_to(TESTS)))
    return found


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_fault_has_a_test_or_a_reason_to_have_none(number: int) -> None:
    named = NAMED.get(number, ())
    for test in named:
        file, _, function = test.partition("::")
        assert f"def {function}(" in (TESTS / file).read_text(), test
    has_one = bool(named) or number in carried()
    assert has_one != (number in UNTESTED)
