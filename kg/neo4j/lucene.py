"""Text in a query of Lucene's: a parameter alone does not keep it from being read as operators."""


def phrase(text: str) -> str:
    """Return a text as a phrase, in which no character and no word is an operator."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
