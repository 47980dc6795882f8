"""Browser stories: each person's part of the spine, on the real pages, in a real Chromium."""
