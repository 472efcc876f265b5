"""The distillation record: one JSON object a line, the one format between distilling and loading.

Its JSON Schema is published in ``docs/record.schema.json``.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schema.relations import Relation
from schema.text import ID_LIMIT, flaw

INTENTION_LIMIT: Final = 200
"""Most intentions of one record: ten relations, several samples each."""

ID_PATTERN: Final = r"^[A-Za-z0-9_.-]+:\S+$"


def _storable(text: str) -> str:
    reason = flaw(text)
    if reason is not None:
        raise ValueError(reason)
    return text


Text = Annotated[str, AfterValidator(_storable)]
Words = Annotated[Text, Field(min_length=1, pattern=r"\S")]
Name = Annotated[Words, Field(max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImageRecord(_Part):
    """An image of the post."""

    uri: Annotated[Words, Field(description="Where the image is: a path or an address.")]
    sha256: Annotated[
        str | None, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its bytes, in hex.")
    ] = None
    text: Annotated[
        Text, Field(description="The writing in it, as an OCR program read it, line by line.")
    ] = ""
    text_engine: Annotated[
        Text, Field(max_length=200, description="The OCR program and its version.")
    ] = ""


class KeyInformation(_Part):
    """What step two extracts (arXiv 2402.18169, section 3.2)."""

    concept: Annotated[Text, Field(description="The main concept.")] = ""
    action: Annotated[Text, Field(description="The main action.")] = ""
    object: Annotated[Text, Field(description="The main object.")] = ""
    emotion: Annotated[Text, Field(description="The emotion, in free words.")] = ""
    keywords: Annotated[
        tuple[Words, ...], Field(max_length=50, description="Three to five keywords.")
    ] = ()


class IntentionRecord(_Part):
    """One inferred intention."""

    relation: Annotated[Relation, Field(description="One of MIKO's ten relations.")]
    text: Annotated[Words, Field(description="The tail, without the sentence frame.")]
    plausibility: Annotated[
        float | None, Field(ge=0, le=1, description="How plausible it was judged, if at all.")
    ] = None
    agreement: Annotated[
        float | None,
        Field(gt=0, le=1, description="Share of the model's samples that say the same."),
    ] = None


class RunRecord(_Part):
    """What made a part of the record."""

    model: Annotated[Name, Field(description="Name of the model.")]
    revision: Annotated[Text, Field(description="Revision of the model.")] = ""
    prompt_hash: Annotated[Text, Field(description="Hash of the prompt's text.")] = ""
    sampling: Annotated[Text, Field(description="Sampling settings, as JSON.")] = ""
    engine: Annotated[Text, Field(description="Engine and version.")] = ""
    time: Annotated[Text, Field(description="ISO 8601, UTC.")] = ""


class Runs(_Part):
    """The run of each step that was made by a model."""

    describe: RunRecord | None = None
    extract: RunRecord | None = None
    infer: RunRecord | None = None


class Record(_Part):
    """A post with what was distilled from it; every part but the id and the text is optional."""

    id: Annotated[
        Text,
        Field(
            max_length=ID_LIMIT,
            pattern=ID_PATTERN,
            description="The source's name, a colon, the source's own id: 'mmsd:8231'.",
        ),
    ]
    text: Annotated[
        Text, Field(description="The post's text; may be empty only where there is an image.")
    ]
    format: Annotated[Literal["miko-record/1"], Field(description="Version of this format.")] = (
        "miko-record/1"
    )
    hashtags: Annotated[
        tuple[Name, ...],
        Field(max_length=200, description="Besides those that stand in the text."),
    ] = ()
    images: Annotated[tuple[ImageRecord, ...], Field(max_length=50)] = ()
    image_description: Annotated[Text, Field(description="What a model saw in the images.")] = ""
    image_attributes: Annotated[
        tuple[Words, ...],
        Field(max_length=50, description="What the images show, in a word or two each."),
    ] = ()
    labels: Annotated[
        dict[Name, Name], Field(max_length=50, description="Gold labels of the source, by name.")
    ] = {}
    key_information: KeyInformation | None = None
    intentions: Annotated[tuple[IntentionRecord, ...], Field(max_length=INTENTION_LIMIT)] = ()
    runs: Runs = Runs()
