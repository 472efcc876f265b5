"""The Neo4j store, and a server of one's own to run it on."""
