"""From files to the graph: formats, concepts, load, link, embed."""
