"""The citizen's pages: filing, one's own cases, what everyone sees."""
