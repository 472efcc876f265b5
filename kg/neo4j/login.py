"""Whether a Neo4j server answers, and the password of a new one."""

from typing import Final, LiteralString

from neo4j import AsyncGraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from schema.errors import ServerStartError

USER: Final = "neo4j"
FIRST_PASSWORD: Final = "neo4j"  # noqa: S105 known to all, and good for changing it only
CONNECT_S: Final = 5.0
ONE: Final[LiteralString] = "RETURN 1"
SET_PASSWORD: Final[LiteralString] = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"  # noqa: S105 Cypher


async def answers(url: str, password: str) -> bool:
    """Ask a server for 1; where it is new and has a login, give it its password first.

    Args:
        url: Its Bolt address.
        password: Of the user neo4j; empty where there is no login.

    Raises:
        ServerStartError: It has another password, or does not take this one.
    """
    try:
        await _run(url, password, ONE)
    except AuthError:
        await _set_password(url, password)
    except (DriverError, Neo4jError):
        return False
    return True


async def _set_password(url: str, password: str) -> None:
    try:
        await _run(url, FIRST_PASSWORD, SET_PASSWORD, "system", old=FIRST_PASSWORD, new=password)
    except AuthError as error:
        raise ServerStartError(
            "the Neo4j server has another password: give the one that it was first started with"
        ) from error
    except (DriverError, Neo4jError) as error:
        raise ServerStartError(f"the Neo4j server does not take the password: {error}") from error


async def _run(
    url: str, password: str, query: LiteralString, database: str = "neo4j", **values: str
) -> None:
    auth = (USER, password) if password else None
    async with (
        # The driver leaves the types of its configuration open.
        AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType]
            url, auth=auth, connection_timeout=CONNECT_S
        ) as driver,
        driver.session(database=database) as session,  # pyright: ignore[reportUnknownMemberType]
    ):
        await (await session.run(query, values)).consume()
