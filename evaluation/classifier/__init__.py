"""A transformer that tells yes from no of texts, fine-tuned: import from the defining module."""
