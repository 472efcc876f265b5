"""README.md and docs/: they leave no command, setting or error out, and say nothing that is not."""

import inspect
import re
import shlex
from pathlib import Path

import pytest
from command_line import COMMANDS, TOP, parted

from api.settings import ApiSettings
from ingest.distill.settings import DistillSettings
from kg.settings import EmbedderSettings, Neo4jSettings, StoreSettings
from schema import errors

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")

SETTINGS = [
    (f"{settings.model_config.get('env_prefix')}{name.upper()}", field.default)
    for settings in (
        StoreSettings,
        EmbedderSettings,
        DistillSettings,
        Neo4jSettings,
        ApiSettings,
    )
    for name, field in settings.model_fields.items()
]
TEST_SETTINGS = {"MIKO_TEST_NEO4J_URL", "MIKO_DATA"}
ERRORS = [
    name
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.MikoError)
]


def examples_of(text: str) -> list[str]:
    """Return the lines that call ``miko`` in a page's shell examples, without the prompt."""
    blocks: list[str] = re.findall(r"^```(?:console|sh)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(?:[A-Z_]+=\S+ )*miko ", line)]


def section_of(title: str) -> str:
    """Return a section of the page of commands."""
    return CLI.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def links_of(page: Path) -> list[tuple[str, str]]:
    """Return a page's relative links: path and anchor, either of which may be empty."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    found: list[str] = re.findall(r"\]\(([^)\s]+)\)", text)
    inside = [link.partition("#") for link in found if "://" not in link]
    return [(path, anchor) for path, _, anchor in inside]


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    titles: list[str] = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


EXAMPLES = sorted({line for text in (README, CLI) for line in examples_of(text)})
LINKS = [(page, path, anchor) for page in PAGES for path, anchor in links_of(page)]


@pytest.mark.parametrize("name", list(TOP))
def test_each_command_is_in_the_readme_and_has_a_section(name: str) -> None:
    assert re.search(rf"^\| `miko {name}\b", README, re.MULTILINE)
    assert f"\n## miko {name}\n" in CLI


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_has_an_example(name: str) -> None:
    assert any(f"miko {name}" in line for line in examples_of(CLI))


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, command in COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    ],
)
def test_each_option_is_documented(name: str, option: str) -> None:
    told = section_of("What commands share") + section_of(f"miko {name.split()[0]}")

    assert re.search(rf"{option}\b", told), f"miko {name} {option}"


@pytest.mark.parametrize(
    "name", [n for n, c in COMMANDS.items() if any("--source" in p.opts for p in c.params)]
)
def test_each_command_that_takes_the_filters_is_named_beside_them(name: str) -> None:
    (told,) = re.findall(r"\*\*Filters\.\*\*(.*?)\n\n", CLI, re.DOTALL)

    assert f"`miko {name}`" in told


@pytest.mark.parametrize("line", EXAMPLES)
def test_each_example_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)
    name, arguments = parted(words[words.index("miko") + 1 :])

    assert COMMANDS[name].make_context(name, list(arguments)).params


@pytest.mark.parametrize(("name", "default"), SETTINGS)
def test_each_setting_is_in_the_readme_with_its_default(name: str, default: object) -> None:
    shown = f"{default:g}" if isinstance(default, float) else str(default)

    assert re.search(rf"^\| `{name}` \| `?{re.escape(shown)}`? \|", README, re.MULTILINE)


def test_no_setting_is_documented_that_is_not() -> None:
    named = {
        name
        for page in PAGES
        for name in re.findall(r"MIKO_[A-Z0-9_]+[A-Z]\b", page.read_text("utf-8"))
    }

    assert named - TEST_SETTINGS <= {name for name, _ in SETTINGS}


@pytest.mark.parametrize("name", [n for n in ERRORS if n not in {"MikoError", "InputError"}])
def test_each_error_has_its_way_out(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", CLI, re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "path", "anchor"), LINKS, ids=[f"{p.name}:{path}#{a}" for p, path, a in LINKS]
)
def test_each_link_leads_somewhere(page: Path, path: str, anchor: str) -> None:
    target = page.parent / path if path else page

    assert target.exists()
    assert not anchor or anchor in anchors_of(target)
