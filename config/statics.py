"""Which third-party files do pages use?  Exactly these are served, out of the packages npm installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# name in {% static %} → file under node_modules
VENDOR_FILES = {
    "vendor/echarts/echarts.min.js": "echarts/dist/echarts.min.js",
    "vendor/tabler/css/tabler.min.css": ".floor/tabler.min.css",  # the style sheets as the oldest browser reads them: config/floor.py
    "vendor/tabler/js/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/tom-select/css/tom-select.min.css": ".floor/tom-select.min.css",
    "vendor/tom-select/js/tom-select.base.min.js": "tom-select/dist/js/tom-select.base.min.js",
}


class _Vendor(FileSystemStorage):
    """node_modules seen through the table: a name outside it does not exist."""

    def path(self, name: str) -> str:
        """Where the file behind a static name is."""
        return str(Path(self.location) / VENDOR_FILES.get(name, "nothing"))


class VendorFinder(BaseFinder):
    """Finds the files of VENDOR_FILES, for collectstatic, tests and development alike."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = _Vendor(location=settings.BASE_DIR / "node_modules")

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to configure, so nothing to check."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind one static name."""
        found = self.storage.path(path)
        there = path in VENDOR_FILES and Path(found).is_file()
        if find_all:
            return [found] if there else []
        return found if there else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        """Every file, with the storage that opens it."""
        for name in VENDOR_FILES:
            if Path(self.storage.path(name)).is_file():
                yield name, self.storage


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed names; source maps are neither served nor looked for."""

    # Our own modules import each other by relative names: these become hashed names too, or an update would mix ages.
    # Only ours: a comment in a package's script may look like an import.
    patterns = (
        *(
            (
                glob,
                tuple(rule for rule in rules if "sourceMappingURL" not in (rule if isinstance(rule, str) else rule[0])),
            )
            for glob, rules in CompressedManifestStaticFilesStorage.patterns
        ),
        (
            "js/*.js",
            (
                (
                    r"""(?P<matched>import(?P<names>[^'";]*)from\s*'(?P<url>\./[^']+)';)""",
                    "import%(names)sfrom '%(url)s';",
                ),
            ),
        ),
    )
