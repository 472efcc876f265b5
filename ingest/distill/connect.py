"""What distills: put together from the settings, on this machine or on a node of a cluster."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.distill.agreement import Sampling
from ingest.distill.generator import Generator
from ingest.distill.images import Images
from ingest.distill.ocr import Ocr
from ingest.distill.recall import Answers, RecallingGenerator, Tally
from ingest.distill.settings import DistillSettings, Engine
from ingest.distill.steps import Distiller, Step
from ingest.distill.web import web
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings


@dataclass(frozen=True, slots=True)
class DistillPlan:
    """How posts are to be distilled.

    Attributes:
        settings: Which model, and how it is asked.
        steps: Through which steps.
        images: Folder that the paths of images are relative to.
        fetched: Where images from the web are kept.
        embedder: What tells whether samples say the same.
        has_ocr: Read the writing in images.
        allows_private: Fetch images from private addresses too.
    """

    settings: DistillSettings
    steps: tuple[Step, ...]
    images: Path
    fetched: Path
    embedder: EmbedderSettings
    has_ocr: bool
    allows_private: bool


@asynccontextmanager
async def distilling(
    plan: DistillPlan, answers: Answers
) -> AsyncGenerator[tuple[Distiller, Tally]]:
    """Give what takes posts through the steps, and the tally of what it asks.

    Raises:
        GeneratorError: The generator cannot be started.
        ModelLoadError: There are to be several samples, and the embedding model cannot be loaded.
    """
    async with AsyncExitStack() as stack:
        fetching = await stack.enter_async_context(
            web(
                plan.fetched,
                allows_private=plan.allows_private,
                limit_bytes=plan.settings.images_limit_bytes,
            )
        )
        sampling = None
        if plan.settings.samples > 1:
            embedder = await stack.enter_async_context(sentence_embedder(plan.embedder))
            sampling = Sampling(plan.settings.samples, embedder)
        generator = await stack.enter_async_context(generating(plan.settings))
        recalling = RecallingGenerator(generator, answers)
        ocr = Ocr(answers) if plan.has_ocr else None
        images = Images(plan.images, fetching)
        yield Distiller(recalling, plan.steps, images, ocr=ocr, sampling=sampling), recalling.tally


@asynccontextmanager
async def generating(settings: DistillSettings) -> AsyncGenerator[Generator]:
    """Give the generator of the settings.

    Raises:
        GeneratorError: It cannot be started.
    """
    if settings.engine is Engine.VLLM:
        from ingest.distill.in_process import in_process_generator

        async with in_process_generator(settings) as generator:
            yield generator
    elif settings.engine is Engine.TRANSFORMERS:
        from ingest.distill.by_transformers import transformers_generator

        async with transformers_generator(settings) as generator:
            yield generator
    else:
        from ingest.distill.openai import openai_generator

        async with openai_generator(settings) as generator:
            yield generator
