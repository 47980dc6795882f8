"""Real messages walk through the office: over HTTP, page by page, as its people would."""
