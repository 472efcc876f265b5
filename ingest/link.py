"""From an intention's words to the concepts that it speaks of.

The words are lemmatised as concepts are (kg.concepts), and runs of one to four of them that
are concepts of the graph are linked, the longest first. Articles and possessives do not part a
run: "walk the dog" speaks of /c/en/walk_dog. How precise the links are: docs/formats.md.
"""

from collections.abc import Iterator, Sequence, Set
from typing import Final

import anyio.to_thread

from kg.concepts import lemmas
from kg.pages import pages
from kg.store import GraphStore
from schema.graph import About, Written
from schema.nodes import NodeKind, concept_uri

MARK: Final = "link"
METHOD: Final = "lemma"
LONGEST_RUN: Final = 4
MOST_LINKS: Final = 8
PAGE_ROWS: Final = 5_000
RUN_CONFIDENCE: Final = 0.9
WORD_CONFIDENCE: Final = 0.7

PASSED_OVER: Final = frozenset(
    "a an the my your his her their our its this that these those some any "
    "own other such same".split()
)
"""Words that do not part a run."""

FUNCTION_WORDS: Final = frozenset(
    "be may might can could will would should must shall "
    "to from for with without of by at as in on into onto over under through during against "
    "between among around about above below before after along toward towards regarding "
    "and or but nor because if when while where why how who whom what which whether than not no "
    "more most much many very so too also just only even still already again often always never "
    "ever now then here there both each every all few several less least else etc "
    "i you he she it we they me him us them myself yourself himself herself itself themselves "
    "ourselves s t d ll re ve m".split()
)
"""A run neither begins nor ends with these: "in life" and "proud of" are no concepts."""

TOO_COMMON: Final = FUNCTION_WORDS | frozenset(
    # what any intention speaks of
    "user tweet post follower people person others someone somebody anyone everyone one "
    "thing something anything nothing way lot kind sort bit part time day moment fact case aspect "
    "sense level form term use area example matter number type range variety lack set "
    # verbs that carry another verb, or no meaning of their own
    "have do get make take give go come want need feel like try let keep put seem become "
    "see look find know think say tell show ask help start continue begin stop turn "
    "bring leave call mean happen believe consider express check work lead add include provide "
    "allow cause involve share create view showcase highlight ensure receive choose select raise "
    "spread generate capture increase gain seek engage express present display contain depict "
    "hold reflect convey represent "
    "wanted needed called used involved included related based associated featured mentioned "
    "provided created captured displayed depicted shared posted expressed received considered "
    "continued believed surrounded caused led presented showcased highlighted added tried "
    "reminded represented portrayed engaged achieved "
    # words of degree, time, place and order
    "up down out off back away together able unable ready willing sure likely tomorrow yesterday "
    "today soon later first second last next new old good bad great better best well different "
    "certain possible particular specific personal further potential potentially various similar "
    "current upcoming fellow late recent recently large big small long high low real true right "
    "accurately carefully hopefully actively effectively properly successfully appropriately "
    "quickly easily especially particularly specifically generally currently previously possibly "
    "am pm non pre self "
    "don isn doesn didn wasn aren dont isnt doesnt didnt wasnt".split()
)
"""Words that are no link by themselves: they are concepts, and say nothing of an intention."""


async def link(store: GraphStore) -> Written:
    """Link what was not linked since the last time; all of it, where concepts were added.

    Safe to stop and to run again: the links depend on the intentions and concepts alone, not on
    the order in which they came.
    """
    version, mark = await store.version(), await store.mark(MARK)
    since = 0 if await store.changed(NodeKind.CONCEPT, since=mark, limit=1) else mark
    written = Written()
    vocabulary: Set[str] | None = None
    after = ""
    while rows := await store.changed(
        NodeKind.INTENTION, since=since, after=after, limit=PAGE_ROWS
    ):
        vocabulary = vocabulary or await _vocabulary(store)
        about = await anyio.to_thread.run_sync(_links_of_all, rows, vocabulary)
        written += await store.replace_about([node_id for node_id, _ in rows], about)
        after = rows[-1][0]
    if version != mark:
        await store.set_mark(MARK, version)
    return written


async def is_linked(store: GraphStore) -> bool:
    """Whether ``link`` has seen every intention and concept."""
    mark = await store.mark(MARK)
    late = [
        await store.changed(kind, since=mark, limit=1)
        for kind in (NodeKind.CONCEPT, NodeKind.INTENTION)
    ]
    return not any(late)


def links(intention_id: str, text: str, vocabulary: Set[str]) -> list[About]:
    """Return what an intention speaks of, among the concepts of a vocabulary of URIs."""
    words = [word for word in lemmas(text) if word not in PASSED_OVER]
    found: dict[str, float] = {}
    for run in _runs(words, vocabulary):
        uri = concept_uri(" ".join(run))
        found.setdefault(uri, WORD_CONFIDENCE if len(run) == 1 else RUN_CONFIDENCE)
    return [About(intention_id, uri, METHOD, sure) for uri, sure in found.items()][:MOST_LINKS]


def _links_of_all(rows: Sequence[tuple[str, str]], vocabulary: Set[str]) -> list[About]:
    return [link for node_id, text in rows for link in links(node_id, text, vocabulary)]


def _runs(words: Sequence[str], vocabulary: Set[str]) -> Iterator[Sequence[str]]:
    """Yield the longest runs that are concepts, from left to right, none inside another."""
    place = 0
    while place < len(words):
        run = _longest(words[place : place + LONGEST_RUN], vocabulary)
        if run:
            yield run
        place += len(run) or 1


def _longest(words: Sequence[str], vocabulary: Set[str]) -> Sequence[str]:
    for length in range(len(words), 0, -1):
        run = words[:length]
        if _tells(run) and concept_uri(" ".join(run)) in vocabulary:
            return run
    return ()


def _tells(run: Sequence[str]) -> bool:
    if run[0] in FUNCTION_WORDS or run[-1] in FUNCTION_WORDS:
        return False
    return not all(word in TOO_COMMON for word in run)


async def _vocabulary(store: GraphStore) -> Set[str]:
    found: set[str] = set()
    async for ids in pages(lambda after: store.ids(NodeKind.CONCEPT, after=after, limit=50_000)):
        found.update(ids)
    return found
