"""The check that nothing of an id, nor of the date that a tweet's id holds, is a feature.

In MMSD2.0 "not posted in January 2017" alone tells 88.7 % of the test split right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.sarcasm.knowledge import Known
from evaluation.sarcasm.posts import LabelledPost
from schema.errors import InputError

Predict = Callable[[Sequence[LabelledPost], Mapping[str, Known]], Floats]
"""Everything from posts and what is known of them to a probability for each post, (n,)."""

SEED: Final = 0

LEAST_ID: Final = 8
"""Characters of an id that is looked for in texts: a shorter one stands there by chance."""


def check_blind(
    posts: Sequence[LabelledPost], known: Mapping[str, Known], predict: Predict
) -> None:
    """Train and predict twice, the second time with the ids dealt out anew.

    Args:
        posts: A sample of posts, two at least.
        known: What is known, by post id.
        predict: The whole of what is measured.

    Raises:
        InputError: A prediction changed.
    """
    renamed = _renamed(posts)
    others = [replace(post, id=renamed[post.id]) for post in posts]
    told = {renamed[i]: one for i, one in known.items() if i in renamed}
    if not np.array_equal(predict(posts, known), predict(others, told)):
        raise InputError(
            "predictions change when ids of posts are dealt out anew: an id, or a date that is in "
            "it, has become a feature, and no figure would be honest; leave it out"
        )


def check_texts(posts: Sequence[LabelledPost], known: Mapping[str, Known]) -> None:
    """Look for the posts' own ids in what is known of them.

    Raises:
        InputError: There are some.
    """
    found = sum(_holds_id(post, known.get(post.id, Known())) for post in posts)
    if found:
        raise InputError(
            f"the texts, descriptions or intentions of {found} posts hold the post's own id, "
            "which tells its date: take it out of them"
        )


def _renamed(posts: Sequence[LabelledPost]) -> dict[str, str]:
    """Return another post's id for each."""
    order = np.random.default_rng(SEED).permutation(len(posts))
    ids = [posts[int(place)].id for place in order]
    return dict(zip(ids, [*ids[1:], ids[0]], strict=True))


def _holds_id(post: LabelledPost, known: Known) -> bool:
    own = post.id.partition(":")[2]
    return len(own) >= LEAST_ID and any(
        own in text for text in (post.text, known.description, *known.intentions)
    )
