"""What holds for any filter that can be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import Filter, as_filter, device
from ninja_analytics.filters.text import why_not
from ninja_analytics.filters.tree import conjuncts

GROUPS = {1: {1, 2}, 2: set(), 3: {3}}
START = datetime(2026, 1, 1, tzinfo=UTC)
IDS = st.integers(1, 4)
MOMENTS = st.integers(-2, 2).map(lambda hours: START + timedelta(hours=hours))
SIMPLE = st.one_of(
    st.sampled_from([device.id, device.organization, device.location, device.role]).flatmap(
        lambda field: st.lists(IDS, min_size=1, max_size=3).map(field.isin)
    ),
    st.sampled_from(["MAC", "LINUX_SERVER"]).map(lambda word: device.node_class == word),
    st.sampled_from([device.online, device.offline]),
    IDS.filter(lambda one: one in GROUPS).map(lambda one: device.group == one),
    MOMENTS.map(lambda moment: device.created > moment),
    MOMENTS.map(lambda moment: device.created <= moment),
)
FILTERS = st.recursive(
    SIMPLE,
    lambda some: st.one_of(
        st.tuples(some, some).map(lambda two: two[0] & two[1]),
        st.tuples(some, some).map(lambda two: two[0] | two[1]),
        some.map(lambda one: ~one),
    ),
    max_leaves=6,
)
FLEET = pd.DataFrame(
    {
        "device_id": pd.array([1, 2, 3, 4, 5, 6], "Int64"),
        "organization_id": pd.array([1, 1, 2, 2, None, 4], "Int64"),
        "location_id": pd.array([1, 2, 3, None, 1, 4], "Int64"),
        "role_id": pd.array([None, 1, 1, 2, 3, 4], "Int64"),
        "node_class": pd.Categorical(["MAC", "MAC", "LINUX_SERVER", None, "X", "X"]),
        "offline": pd.array([True, False, None, True, False, True], "boolean"),
        "created_at": pd.Series(
            [START + timedelta(hours=hours) for hours in (-2, -1, 0, 1, 2, 3)]
        ).astype("datetime64[us, UTC]"),
    }
)
KNOWN = FLEET[FLEET.notna().all(axis="columns")]
few = settings(max_examples=60, deadline=None)


@few
@given(FILTERS)
def test_both_parts_of_a_filter_together_keep_what_the_whole_does(made: Filter):
    server, local = made.split(ignores=("class",))

    both = pd.Series(data=True, index=FLEET.index)
    for part in (server, local):
        if part is not None:
            both &= part.keeps(FLEET, GROUPS)
    assert both.tolist() == made.keeps(FLEET, GROUPS).tolist()
    if server is not None:
        assert "class" not in str(server)


@few
@given(FILTERS)
def test_a_filter_and_its_opposite_divide_what_is_known(made: Filter):
    kept, others = made.keeps(KNOWN, GROUPS), (~made).keeps(KNOWN, GROUPS)

    assert (kept ^ others).all()
    assert (~~made).keeps(FLEET, GROUPS).tolist() == made.keeps(FLEET, GROUPS).tolist()


@few
@given(FILTERS)
def test_the_text_of_a_filter_reads_as_the_same_filter_or_there_is_none(made: Filter):
    if any(why_not(part) for part in conjuncts(made.node)):
        with pytest.raises(FilterError, match="in_pandas=True"):
            str(made)
        return

    again = as_filter(str(made))
    assert not again.unread
    assert again.keeps(FLEET, GROUPS).tolist() == made.keeps(FLEET, GROUPS).tolist()


@few
@given(FILTERS, st.integers(1, 3))
def test_the_chunks_of_a_filter_keep_each_device_once(made: Filter, most: int):
    counted = sum(chunk.keeps(FLEET, GROUPS).astype(int) for chunk in made.chunks(most))

    assert counted.tolist() == made.keeps(FLEET, GROUPS).astype(int).tolist()


@few
@given(st.text(max_size=40))
def test_any_text_is_read_or_sent_as_it_is(text: str):
    made = as_filter(text)

    if made is not None and made.unread:
        assert str(made) == text.strip()
