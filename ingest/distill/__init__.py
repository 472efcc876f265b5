"""From posts to intentions: a generator, the three steps of MIKO, the journal."""
