"""Neo4j as the store, and a server of one's own to run it on."""
