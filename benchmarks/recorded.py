"""What a store sends to Neo4j, kept, so that the bare driver can send the same."""

from typing import Any, LiteralString, TypeVar

import neo4j

from kg.neo4j.database import Address, Database, Row, Server, Transaction, Work

T = TypeVar("T")
Sent = list[tuple[LiteralString, dict[str, Any]]]  # parameters are of many types


class Recorded(Transaction):
    """A transaction that notes its statements."""

    def __init__(self, inner: Transaction, sent: Sent) -> None:
        super().__init__(inner._run, inner.server)  # pyright: ignore[reportPrivateUsage]
        self._sent = sent

    async def rows(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Note a statement, run it and return its rows."""
        self._sent.append((query, parameters))
        return await super().rows(query, **parameters)


class RecordedDatabase(Database):
    """A database whose reads note their statements in ``sent``."""

    def __init__(self, driver: neo4j.AsyncDriver, address: Address, server: Server) -> None:
        super().__init__(driver, address, server)
        self.sent: Sent = []

    async def read(self, work: Work[T]) -> T:
        """Run work that writes nothing."""
        return await super().read(lambda inner: work(Recorded(inner, self.sent)))


async def send(driver: neo4j.AsyncDriver, sent: Sent) -> None:
    """Send by the bare driver what was noted, and read every row."""
    async with driver.session() as session:  # pyright: ignore[reportUnknownMemberType] its own
        for query, parameters in sent:
            result = await session.run(query, parameters)
            _ = [record async for record in result]
