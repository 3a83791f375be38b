"""Walking long lists: every way of paging gives every row once, and never runs in circles."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from ninja_analytics.errors import AnswerError
from ninja_analytics.pages import Page, Place, pages, read
from tests.lists import After, Cursor, Listed, OlderThan, Whole

WAYS: dict[str, tuple[type[Listed], str | None]] = {
    "after": (After, None),
    "cursor": (Cursor, "results"),
    "older_than": (OlderThan, "activities"),
    "none": (Whole, None),
}


def walk(get: Callable[..., bytes], paging: str, *, page_size: int = 3) -> list[Page]:
    rows_in = WAYS[paging][1]
    return list(pages(get, "/v2/x", {}, paging=paging, page_size=page_size, rows_in=rows_in))


def ids(found: list[Page]) -> list[int]:
    rows = []
    for page in found:
        answer = json.loads(page.body)
        rows += (
            answer if isinstance(answer, list) else answer.get("results") or answer["activities"]
        )
    return [row["id"] for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("paging", WAYS)
def test_every_row_comes_once(paging, count):
    get = WAYS[paging][0]([{"id": 10 + n} for n in range(count)])

    found = ids(walk(get, paging))

    assert sorted(found) == [10 + n for n in range(count)]


@pytest.mark.parametrize("paging", ["after", "cursor", "older_than"])
def test_a_server_that_gives_smaller_pages_than_asked_is_read_to_its_end(paging):
    get = WAYS[paging][0]([{"id": n} for n in range(1, 12)], page_size=2)

    assert len(ids(walk(get, paging, page_size=5))) == 11


@pytest.mark.parametrize("at_end", [None, {}, {"name": ""}, {"name": None}, ""])
def test_a_cursor_without_a_name_is_the_end_and_costs_no_further_request(at_end):
    get = Cursor([{"id": n} for n in range(5)], at_end=at_end)

    assert len(ids(walk(get, "cursor"))) == 5
    assert len(get.asked) == 2


def test_a_cursor_whose_name_stays_the_same_is_followed_to_the_empty_page():
    get = Cursor([{"id": n} for n in range(9)])

    assert len(ids(walk(get, "cursor"))) == 9
    assert [ask.get("cursor") for ask in get.asked] == [None, "c-1", "c-1", "c-1"]


def test_a_cursor_that_is_a_plain_string_works():
    class Plain(Cursor):
        def answer(self, params: Mapping[str, object]) -> object:
            answer = super().answer(params)
            return {**answer, "cursor": "c-1" if self.place < len(self.rows) else ""}

    assert len(ids(walk(Plain([{"id": n} for n in range(8)]), "cursor"))) == 8


def test_a_cursor_sends_the_other_parameters_again():
    get = Cursor([{"id": n} for n in range(5)])

    list(pages(get, "/v2/x", {"df": "online"}, paging="cursor", page_size=3, rows_in="results"))

    assert all(ask["df"] == "online" and ask["pageSize"] == 3 for ask in get.asked)


@pytest.mark.parametrize("cursor", [{"name": "c-1", "offset": 3}, {"name": "c-1"}, "c-1"])
def test_a_cursor_that_does_not_move_is_an_error_and_no_endless_walk(cursor):
    answer = json.dumps({"cursor": cursor, "results": [{"id": 1}, {"id": 2}]}).encode()

    with pytest.raises(AnswerError, match="twice"):
        walk(lambda *_: answer, "cursor")


@pytest.mark.parametrize("begins", [False, True], ids=["offset of the end", "of the beginning"])
@pytest.mark.parametrize("lost", [1, 2])
def test_a_cursor_that_passes_over_rows_is_an_error_and_not_the_end(begins, lost):
    class Forgetful(Cursor):
        """Sends the page after the one that is asked for, once."""

        def answer(self, params: Mapping[str, object]) -> object:
            if len(self.asked) == lost + 1:
                self.place += 3
            answer = super().answer(params)
            answer["cursor"]["offset"] -= 3 if begins else 0
            return answer

    with pytest.raises(AnswerError, match="passed over 3 rows"):
        walk(Forgetful([{"id": n} for n in range(14)]), "cursor")


def test_equal_pages_are_kept_when_the_offset_grows():
    rows = [{"id": 5}] * 7

    assert len(ids(walk(Cursor(rows), "cursor"))) == 7


def test_rows_that_do_not_move_on_are_an_error():
    full = json.dumps([{"id": 1}, {"id": 2}, {"id": 3}]).encode()

    with pytest.raises(AnswerError, match="after=3"):
        walk(lambda *_: full, "after")


def test_a_list_that_ignores_after_but_is_shorter_than_asked_is_whole():
    answer = b'[{"id": 1}, {"id": 2}]'

    assert ids(walk(lambda *_: answer, "after")) == [1, 2]


def test_rows_without_ids_cannot_be_paged_by_id():
    with pytest.raises(AnswerError, match="without ids"):
        walk(lambda *_: b'[{"name": "a"}]', "after")


def test_activities_that_do_not_get_older_are_an_error():
    answer = b'{"lastActivityId": 9, "activities": [{"id": 5}, {"id": 4}]}'

    with pytest.raises(AnswerError, match="olderThan=4"):
        walk(lambda *_: answer, "older_than")


def test_an_id_that_is_an_endless_text_is_no_id():
    with pytest.raises(AnswerError, match="without ids"):
        walk(lambda *_: b'[{"id": "' + b"1" * 5000 + b'"}]', "after")


def test_a_cursor_with_bytes_that_are_not_utf8_is_read_all_the_same():
    page = read(b'{"cursor": {"n\xffme": 1, "name": "c-1"}, "results": [{"id": 1}]}', "results")

    assert (page.rows, page.cursor) == (1, "c-1")


def test_ids_beyond_the_floats_are_paged_exactly():
    get = After([{"id": 2**53 + n} for n in range(7)])

    assert len(ids(walk(get, "after"))) == 7
    assert get.asked[1]["after"] == 2**53 + 2


@pytest.mark.parametrize("name", ["results", "data", "items", "content"])
def test_an_envelope_where_a_bare_array_is_promised_is_opened(name):
    page = read(json.dumps({name: [{"id": 1}]}).encode(), None)

    assert (json.loads(page.body), page.rows, page.ids) == ([{"id": 1}], 1, (1,))


@pytest.mark.parametrize("rows_in", ["results", "activities"])
def test_a_bare_array_where_an_envelope_is_promised_is_taken(rows_in):
    page = read(b'[{"id": 1}, {"id": 2}]', rows_in)

    assert (page.rows, page.cursor) == (2, "")


@pytest.mark.parametrize("body", [b"", b"null", b" \n", b'{"results": []}', b'{"results": null}'])
def test_nothing_is_a_page_without_rows(body):
    assert read(body, "results").rows == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'"not found"',
        b"12",
        b'{"results": {"id": 1}}',
        b'{"resultCode": "FAILURE", "errorMessage": "no such report"}',
        b'{"results": [{"id": 1}, {"id"',
        b"<html>busy</html>",
    ],
)
def test_an_answer_without_rows_where_rows_must_be_is_an_error(body):
    with pytest.raises(AnswerError):
        read(body, "results", path="/v2/queries/software")


def test_the_words_of_an_error_in_disguise_are_told():
    with pytest.raises(AnswerError, match="FAILURE, no such report"):
        read(b'{"resultCode": "FAILURE", "errorMessage": "no such report"}', "results")


def test_a_page_that_cannot_be_read_is_asked_for_once_more():
    answers = iter([b'{"results": [{"id"', b'{"results": [{"id": 1}]}'])

    assert ids(walk(lambda *_: next(answers), "cursor")) == [1]


def test_a_page_that_stays_unreadable_is_an_error():
    answers = iter([b'{"results": [{"id"'] * 2)

    with pytest.raises(AnswerError, match="not readable JSON"):
        walk(lambda *_: next(answers), "cursor")


def test_text_that_only_a_lenient_reader_takes_is_kept():
    body = b'{"results": [{"id": 1, "name": "a\tb \\ud83d", "size": NaN}]}'

    page = read(body, "results")

    assert page.rows == 1
    assert json.loads(page.body)[0]["name"].startswith("a\tb")


def test_the_rows_of_a_page_are_not_in_its_repr():
    assert "secret" not in repr(read(b'[{"id": 1, "name": "secret"}]', None))


def test_a_walk_that_has_ended_keeps_no_page():
    get = WAYS["cursor"][0]([{"id": n} for n in range(1, 12)])
    place = Place()
    walked = pages(get, "/v2/x", {}, paging="cursor", page_size=3, rows_in="results", place=place)

    next(walked)
    assert place.previous
    assert len(list(walked)) == 3

    assert place.done
    assert (place.first, place.previous) == (None, None)


def test_only_ways_that_go_by_ids_look_for_them():
    body = b'{"results": [{"id": 4}, {"id": "7"}]}'

    assert read(body, "results").ids == (4, 7)
    assert read(body, "results", by_id=False).ids == ()
    assert read(body, "results", by_id=False).rows == 2
