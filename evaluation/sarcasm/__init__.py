"""Whether intentions help to tell sarcasm: import from the defining module."""
