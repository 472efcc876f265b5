"""What two loads say of one post, as one: the same whichever comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from schema.errors import TextConflictError
from schema.nodes import Image, Post


def merged_by_id(posts: Iterable[Post]) -> dict[str, Post]:
    """Return one post for each id.

    Raises:
        TextConflictError: Two of an id have different texts.
    """
    merged: dict[str, Post] = {}
    for post in posts:
        held = merged.get(post.id)
        merged[post.id] = post if held is None else merge(held, post)
    return merged


def merge(held: Post, new: Post) -> Post:
    """Return what both posts say (GraphStore.put).

    Raises:
        TextConflictError: Their texts differ.
    """
    if held.text != new.text or held.source != new.source:
        raise TextConflictError(held.id)
    return replace(
        held,
        hashtags=tuple(sorted({*held.hashtags, *new.hashtags})),
        images=_merge_images(held.images, new.images),
        image_description=max(
            held.image_description, new.image_description, key=lambda text: (len(text), text)
        ),
        labels=_merge_labels(held.labels, new.labels),
    )


def _merge_images(*images: Sequence[Image]) -> tuple[Image, ...]:
    hashes: dict[str, str] = {}
    for image in (image for some in images for image in some):
        hashes[image.uri] = max(hashes.get(image.uri, ""), image.sha256 or "")
    return tuple(Image(uri, sha256 or None) for uri, sha256 in sorted(hashes.items()))


def _merge_labels(held: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    names = sorted(held.keys() | new.keys())
    return {name: max(held.get(name, ""), new.get(name, "")) for name in names}
