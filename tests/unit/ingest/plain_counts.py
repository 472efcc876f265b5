"""What the real files hold, counted straight from them by plain Python.

Nothing of ``ingest.formats`` is used: only the normal form of a concept, which has its own tests.
"""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kg.concepts import concept_uri_of, normal_uri
from schema.relations import Relation

RELATIONS = [relation.value for relation in Relation]
SIGN = re.compile(r"(?<![\w&/])[#＃] ?(\w+)")
NUMBERED = re.compile(r"Intention ?(\d+): *(.+)")
Row = dict[str, Any]


class Said(NamedTuple):
    """An intention as a file says it."""

    post: str
    relation: str
    sentence: str


def json_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def labelled(data: Path) -> list[Row]:
    """Return the rows of the release and of the benchmark."""
    release = data / "miko-release"
    benchmark = data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
    arrays = [
        json.loads((release / name).read_text("utf-8")) for name in ("train.json", "test.json")
    ]
    return [*arrays[0], *arrays[1], *json_lines(benchmark)]


def plain(sentence: str) -> str:
    """Return a sentence as it is compared."""
    return " ".join(sentence.casefold().split()).strip(" .")


def generated(data: Path) -> list[Row]:
    """Return the rows of all generation files."""
    folder = data / "miko-working/generation"
    return [row for path in sorted(folder.rglob("*.jsonl")) for row in json_lines(path)]


def annotated(data: Path) -> list[Row]:
    """Return the rows of the Label Studio exports that were not cancelled."""
    rows: list[Row] = []
    for path in sorted((data / "miko-working/annotation").glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows += json.load(file)
    return [row for row in rows if not row["annotations"][0]["was_cancelled"]]


def post_of(image: str, numbered: str) -> str:
    name = _file_name(image).removesuffix(".jpg")
    if len(name) >= 18:
        return f"mmsd:{name}"
    return f"twitter2017:{name}" if "_" in name else f"{numbered}:{name}"


def _file_name(path: str) -> str:
    return re.split(r"=|%5c", path, flags=re.IGNORECASE)[-1]


def labelled_post(row: Row) -> str:
    return post_of(row.get("image") or row["image_name"], "miko")


def generated_post(row: Row) -> str:
    return post_of(row["image_id"], "twitter2015")


def posts_by_source(data: Path) -> Counter[str]:
    ids = {labelled_post(row) for row in labelled(data)}
    ids |= {generated_post(row) for row in generated(data)}
    ids |= {post_of(row["data"]["image"], "miko") for row in annotated(data)}
    return Counter(post.partition(":")[0] for post in ids)


def said(data: Path) -> set[Said]:
    """Return what the release, the benchmark and the generation files say."""
    rows = {Said(*s) for row in labelled(data) for s in _labelled_sentences(row)}
    rows |= {Said(*s) for row in generated(data) for s in _generated_sentences(row)}
    return {row for row in rows if not row.sentence.endswith("because")}


def _labelled_sentences(row: Row) -> Iterator[tuple[str, str, str]]:
    for place, relation in enumerate(RELATIONS, start=1):
        sentence = row.get("intentions", {}).get(f"Intention {place}", "")
        if sentence:
            yield labelled_post(row), relation, plain(sentence)


def _generated_sentences(row: Row) -> Iterator[tuple[str, str, str]]:
    text, post = row.get("intention", ""), generated_post(row)
    if "relation" in row:
        yield from ((post, row["relation"], plain(block)) for block in text.split("\n\n"))
        return
    numbered = [(int(number), sentence) for number, sentence in NUMBERED.findall(text)]
    for number, sentence in numbered:
        relation = RELATIONS[number - 1] if len(numbered) > 5 else "open"
        yield post, relation, plain(sentence)


def derived(data: Path) -> set[tuple[str, str, str]]:
    """Return (post, relation, tail) of another parse, made for other purposes."""
    with (data / "derived/miko_intentions.tsv").open(encoding="utf-8", newline="") as file:
        return {
            (_derived_post(row["post_id"]), row["relation"], plain(row["tail"]))
            for row in csv.DictReader(file, delimiter="\t")
        }


def _derived_post(post_id: str) -> str:
    source, _, name = post_id.partition(":")
    return f"miko:{_file_name(name)}" if source == "miko_benchmark_other" else post_id


def derived_hashtags(data: Path) -> dict[str, set[str]]:
    """Return the hashtags of texts; those of digits alone are numbers (# 1) and left out."""
    with gzip.open(data / "derived/posts.jsonl.gz", "rt", encoding="utf-8") as file:
        posts = [row for row in map(json.loads, file) if "hashtags" in row]
    return {p["text"]: {t.casefold() for t in p["hashtags"] if not t.isdigit()} for p in posts}


def has_intention_by_relation(data: Path) -> Counter[str]:
    return Counter(row.relation for row in said(data))


def judgements(data: Path) -> int:
    """Count (post, intention, annotator, time) that carry a choice."""
    release = {(s.post, s.relation, s.sentence) for row in labelled(data) for s in _of(row)}
    results = 0
    for row in annotated(data):
        numbers = {n for n, s in NUMBERED.findall(row["data"]["text"]) if not s.endswith("because")}
        names = (r["from_name"] for r in row["annotations"][0]["result"])
        results += sum(name.removeprefix("reasonableness") in numbers for name in names)
    return len(release) + results


def _of(row: Row) -> Iterable[Said]:
    return (
        s
        for s in (Said(*t) for t in _labelled_sentences(row))
        if not s.sentence.endswith("because")
    )


def mentioned_concepts(data: Path) -> int:
    """Count the posts' concepts, one a piece of key information, that hold a word."""
    found = {
        (generated_post(row), line.strip(". "))
        for row in generated(data)
        for line in row.get("keyinfo", "").splitlines()
        if line.startswith("Concept: ") and concept_uri_of(line.removeprefix("Concept: "))
    }
    return len(found)


def mentioned_hashtags(data: Path) -> int:
    """Count the posts' hashtags as written, # tag as well as #tag; one has a letter in it."""
    texts = {(labelled_post(row), row["text"]) for row in labelled(data)}
    texts |= {(generated_post(row), row["text"]) for row in generated(data)}
    found = {(post, tag) for post, text in texts for tag in SIGN.findall(text)}
    return len({(post, tag) for post, tag in found if any(map(str.isalpha, tag))})


class Triple(NamedTuple):
    """An assertion between two concepts."""

    head: str | None
    relation: str
    tail: str | None
    source: str


def related(data: Path) -> set[Triple]:
    """Return all assertions of the commonsense files, each once."""
    every = [*atomic(data), *cn100k(data), *_conceptnet(data), *_cskg(data)]
    return {t for t in every if t.head and t.tail and t.head != t.tail}


def _columns(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def atomic(data: Path) -> Iterator[Triple]:
    """Give the assertions of ATOMIC."""
    for path in (data / "atomic").glob("*.txt"):
        for head, relation, tail in _columns(path):
            if tail != "none":
                yield Triple(_event(head), relation, _event(tail), "atomic")


def _event(text: str) -> str | None:
    text = re.sub(r"\bTom\b", "PersonY", re.sub(r"\bJohn\b", "PersonX", text))
    return concept_uri_of(text)


def cn100k(data: Path) -> Iterator[Triple]:
    """Give the assertions of CN-100K."""
    for name in ("train.txt", "valid.txt", "test.txt"):
        for relation, head, tail in _columns(data / "conceptnet" / name):
            yield Triple(concept_uri_of(head), relation, concept_uri_of(tail), "cn100k")


def _conceptnet(data: Path) -> Iterator[Triple]:
    for row in _columns(data / "conceptnet/assertions-conceptnet5-format.csv"):
        relation = row[1].removeprefix("/r/")
        yield Triple(normal_uri(row[2]), relation, normal_uri(row[3]), "conceptnet")


def _cskg(data: Path) -> Iterator[Triple]:
    path = data / "cskg-sample/examples/sample_data/cskg/cskg_sample.tsv"
    for start, label, end, source, _ in list(_columns(path))[1:]:
        relation = label.replace("/r/", "").replace("at:", "")
        yield Triple(_cskg_concept(start), relation, _cskg_concept(end), f"cskg:{source}")


def _cskg_concept(node: str) -> str | None:
    if node[:1] == '"':
        node = next(csv.reader([node]))[0]
    parts = node.split("+")
    concepts = [normal_uri(part) for part in parts if part.startswith("/c/")]
    words = [_words(part) for part in parts if not part.startswith("/c/")]
    return next((uri for uri in (*concepts, *words) if uri), None)


def _words(part: str) -> str | None:
    source, _, name = part.partition(":")
    if source == "wd" or (source == "vg" and re.fullmatch(r"I?\d+", name)):
        return None
    name = name.split(":")[-1]
    return concept_uri_of(re.sub(r"\.\w\.\d\d$", "", name).replace("_", " "))
