"""The journal: what is in it is not asked again, and it is nobody else's file."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint
from pydantic import JsonValue

from ingest.distill.generator import Answer, ModelUse, Prompt
from ingest.distill.journal import Journal, journal, key_of
from ingest.distill.recall import RecallingGenerator
from ingest.distill.settings import DistillSettings, Engine
from schema.errors import InputError, NoAnswerError

pytestmark = pytest.mark.anyio

PROMPT = Prompt("extract", "Extract.", "Meet Rex", {"type": "object"}, ("data:,",))
USE = ModelUse("model", "1", "{}")
ANSWER = Answer("a \ud800 b", 3, 2, is_cut=True, engine="engine 1")


class Counting:
    """A generator that answers with how often it was asked, after a while."""

    def __init__(self, fails: int = 0) -> None:
        self.asked = 0
        self.use = USE
        self._fails = fails

    async def answer(self, prompt: Prompt) -> Answer:
        self.asked += 1
        await anyio.sleep(0.01)
        if self.asked <= self._fails:
            raise NoAnswerError("not now")
        return Answer(f"{prompt.user} {self.asked}", 3, 2)


async def test_an_answer_is_found_as_it_was(tmp_path: Path) -> None:
    key = key_of(PROMPT, USE)
    async with journal(tmp_path / "journal") as first:
        assert await first.find(key) is None
        await first.keep(key, ANSWER)
        assert await first.find(key) == ANSWER

    async with journal(tmp_path / "journal") as second:
        assert await second.find(key) == ANSWER


async def test_a_journal_is_its_owners_alone(tmp_path: Path) -> None:
    async with journal(tmp_path / "journal"):
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert modes == {0o600}


@pytest.mark.parametrize(
    "other",
    [
        Prompt("infer", "Extract.", "Meet Rex", {"type": "object"}, ("data:,",)),
        Prompt("extract", "Extract!", "Meet Rex", {"type": "object"}, ("data:,",)),
        Prompt("extract", "Extract.", "Meet Max", {"type": "object"}, ("data:,",)),
        Prompt("extract", "Extract.", "Meet Rex", {"type": "array"}, ("data:,",)),
        Prompt("extract", "Extract.", "Meet Rex", {"type": "object"}, ()),
    ],
)
def test_another_prompt_is_asked_anew(other: Prompt) -> None:
    assert key_of(other, USE) != key_of(PROMPT, USE)


@pytest.mark.parametrize(
    "other", [ModelUse("m", "1", "{}"), ModelUse("model", "2", "{}"), ModelUse("model", "1", "[]")]
)
def test_another_model_or_sampling_is_asked_anew(other: ModelUse) -> None:
    assert key_of(PROMPT, other) != key_of(PROMPT, USE)


@pytest.mark.parametrize(
    ("name", "value", "is_another"),
    [
        ("override_generation_config", {"top_p": 0.1}, True),
        ("mm_processor_kwargs", {"max_pixels": 100}, True),
        ("hf_overrides", {}, True),
        ("max_model_len", 8192, False),
        ("tensor_parallel_size", 2, False),
    ],
)
def test_what_an_engine_answers_otherwise_with_is_another_use(
    name: str, value: JsonValue, is_another: bool
) -> None:
    plain = DistillSettings(engine=Engine.VLLM, model="rex")
    other = DistillSettings(engine=Engine.VLLM, model="rex", engine_args={name: value})

    assert (other.use != plain.use) is is_another


async def test_equal_prompts_are_asked_once(tmp_path: Path) -> None:
    counting = Counting()
    async with journal(tmp_path / "journal") as kept:
        recalling = RecallingGenerator(counting, kept)
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(recalling.answer, PROMPT)

    assert counting.asked == 1
    assert (recalling.tally.asked, recalling.tally.recalled) == (1, 19)


async def test_a_prompt_without_an_answer_is_asked_again(tmp_path: Path) -> None:
    async with journal(tmp_path / "journal") as kept:
        recalling = RecallingGenerator(Counting(fails=1), kept)
        with pytest.raises(NoAnswerError):
            await recalling.answer(PROMPT)

        assert (await recalling.answer(PROMPT)).text == "Meet Rex 2"


async def test_many_at_a_time_are_kept(tmp_path: Path) -> None:
    prompts = [Prompt("extract", "", f"{number}", {}) for number in range(200)]
    async with journal(tmp_path / "journal") as kept:
        async with anyio.create_task_group() as group:
            for prompt in prompts:
                group.start_soon(kept.keep, key_of(prompt, USE), Answer(prompt.user))

        found = [await kept.find(key_of(prompt, USE)) for prompt in prompts]

    assert [answer and answer.text for answer in found] == [prompt.user for prompt in prompts]


async def test_a_call_that_is_cancelled_is_made_and_holds_up_no_other(tmp_path: Path) -> None:
    first, second = key_of(PROMPT, USE), key_of(Prompt("infer", "", "", {}), USE)
    async with journal(tmp_path / "journal") as kept:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as others, anyio.create_task_group() as group:
                group.start_soon(kept.keep, first, ANSWER)
                others.start_soon(kept.keep, second, ANSWER)
                await checkpoint()
                group.cancel_scope.cancel()

        assert await kept.find(first) == ANSWER
        assert await kept.find(second) == ANSWER


async def test_each_that_shares_a_transaction_is_told_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "without-a-table"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as empty:
        broken = Journal(path, empty)

        async def ask(number: int) -> None:
            with pytest.raises(InputError, match="cannot be used"):
                await broken.keep(("infer", f"{number}", ""), ANSWER)

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for number in range(3):
                    group.start_soon(ask, number)


async def test_one_process_has_it(tmp_path: Path) -> None:
    async with journal(tmp_path / "journal"):
        with pytest.raises(InputError, match="in use by another"):
            async with journal(tmp_path / "journal"):
                pass


async def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("my notes " * 100)
    with sqlite3.connect(tmp_path / "graph.db") as graph:
        graph.execute("CREATE TABLE post (id)")
    graph.close()

    for name, reason in (("text", "cannot be used"), ("graph.db", "is no journal")):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(InputError, match=reason):
            async with journal(tmp_path / name):
                pass
        assert (tmp_path / name).read_bytes() == before


async def test_a_journal_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        async with journal(tmp_path / "gone" / "journal"):
            pass
