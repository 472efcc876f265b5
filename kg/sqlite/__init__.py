"""The embedded store: SQLite is the truth, FAISS and tantivy are derived from it."""
