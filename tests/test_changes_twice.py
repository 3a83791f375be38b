"""What differs, computed a second time: row by row in plain Python, slow and obvious."""

from __future__ import annotations

from collections import Counter, defaultdict

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.changes import changes
from tests.made_frames import NOW, typed

KEY = ("device_id", "product_name")
CONTENT = ("product_state", "definition_status", "version")

rows = st.lists(
    st.fixed_dictionaries(
        {
            "device_id": st.sampled_from([None, 1, 2, 3]),
            "product_name": st.sampled_from([None, "Guard", "Shield"]),
            "product_state": st.sampled_from([None, "ON", "OFF"]),
            "definition_status": st.sampled_from(["Up-to-Date", "Unknown"]),
            "version": st.sampled_from([None, "", "1"]),
            "collected_at": st.sampled_from([None, NOW, NOW - pd.Timedelta(days=1)]),
        }
    ),
    max_size=12,
)


def by_key(side):
    found = defaultdict(list)
    for row in side:
        found[tuple(row[name] for name in KEY)].append(row)
    return found


def content(row):
    return tuple(row[name] for name in CONTENT)


def with_time(row):
    return (*content(row), row["collected_at"])


def pairs_of(before, after):
    """The pairs of rows of one key, and the rows that stay alone on either side."""
    before, after, pairs = list(before), list(after), []
    if len(before) == len(after) == 1:
        return [(before[0], after[0])], [], []
    for same in (with_time, content):
        for row in list(before):
            other = next((one for one in after if same(one) == same(row)), None)
            if other is not None:
                pairs.append((row, other))
                before.remove(row)
                after.remove(other)
    if len({content(row) for row in before}) == len({content(row) for row in after}) == 1:
        while before and after:
            pairs.append((before.pop(), after.pop()))
    return pairs, before, after


def slowly(opening, closing):
    """Counts of every part, and the changes as a multiset."""
    before, after = by_key(opening), by_key(closing)
    counts, changed = Counter(), Counter()
    for key in {*before, *after}:
        if key not in before or key not in after:
            counts["added"] += len(after.get(key, []))
            counts["removed"] += len(before.get(key, []))
            continue
        pairs, left, right = pairs_of(before[key], after[key])
        counts["unpaired_opening"] += len(left)
        counts["unpaired_closing"] += len(right)
        for old, new in pairs:
            differs = [name for name in CONTENT if old[name] != new[name]]
            changed.update((*key, name, old[name], new[name]) for name in differs)
            seen = old["collected_at"] == new["collected_at"] is not None
            counts["changed" if differs else "not_observed" if seen else "unchanged"] += 1
    return counts, changed


@settings(max_examples=120, deadline=None)
@given(rows, rows)
def test_what_differs_is_what_a_loop_over_the_rows_says(opening, closing):
    found = changes(typed("antivirus_status", opening), typed("antivirus_status", closing),
                    "antivirus_status")  # fmt: skip
    counts, changed = slowly(opening, closing)

    parts = {"unpaired_opening", "unpaired_closing", *found.counts}
    assert {name: len(getattr(found, name)) for name in parts - {"changed"}} == {
        name: counts[name] for name in parts - {"changed"}
    }
    assert found.counts["changed"] == counts["changed"]
    plain = found.changed.astype(object).where(found.changed.notna(), None)
    assert Counter(plain.itertuples(index=False, name=None)) == changed
    ledger = found.ledger
    odd = ledger.unpaired_closing - ledger.unpaired_opening
    assert ledger.opening + ledger.added - ledger.removed + odd == ledger.closing


@settings(max_examples=40, deadline=None)
@given(rows, rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(opening, closing, chance):
    answers = []
    for _ in range(2):
        frames = (typed("antivirus_status", side) for side in (opening, closing))
        answers.append(changes(*frames, "antivirus_status"))
        chance.shuffle(opening)
        chance.shuffle(closing)
    first, second = answers
    assert first.counts == second.counts
    assert first.ledger == second.ledger
    pd.testing.assert_frame_equal(first.changed, second.changed)
    pd.testing.assert_frame_equal(first.changed_rows, second.changed_rows)
