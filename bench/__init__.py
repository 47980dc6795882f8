"""How fast is the office over HTTP?  `manage.py bench --size 100000` (make bench); docs/performance.md says what came out."""
