"""How is this office set up?  One file, read from the environment; it stops on a wrong value.

Every variable has a default that is right for `make run` on one machine.  docs/operations.md lists them.
"""

from __future__ import annotations

import mimetypes
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

from config import embedded
from config import secrets as kept_secrets

env = Env(eager=False)
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = embedded.var_dir()
TESTING = "pytest" in sys.modules

# --- what is read from the environment -----------------------------------------------------------------------------

DATABASE_URL: str = env.str("DATABASE_URL", "")
DATABASE_OWNER_URL: str = env.str("DATABASE_OWNER_URL", "")
REDIS_URL: str = env.str("REDIS_URL", "")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss:// (the task queue knows no other)")
OFFICE_NAME: str = env.str("OFFICE_NAME", "")  # shown in the header; empty = the system's own name
# "demo": an office of invented people, with their passwords on the sign-in page.  A given database is a real office.
OFFICE_MODE: str = env.str("OFFICE_MODE", embedded.mode(), validate=validate.OneOf(["demo", "office"]))
OFFICE_DB_AS: str = env.str("OFFICE_DB_AS", "app", validate=validate.OneOf(["app", "owner"]))
TEST_DATABASE: str = env.str("OFFICE_TEST_DATABASE", "test_office")
DB_APP_ROLE: str = env.str("DB_APP_ROLE", embedded.APP_ROLE, validate=validate.Regexp(r"^[a-z_][a-z0-9_]{0,62}$"))
DEBUG: bool = env.bool("DEBUG", False)
PUBLIC_HTTPS: bool = env.bool("PUBLIC_HTTPS", False)  # behind a proxy that speaks TLS: secure cookies, HSTS
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PROXIES_IN_FRONT: int = env.int("PROXIES_IN_FRONT", 0, validate=validate.Range(min=0, max=5))
SESSION_HOURS: int = env.int("SESSION_HOURS", 12, validate=validate.Range(min=1, max=24))
SESSION_IDLE_MINUTES: int = env.int("SESSION_IDLE_MINUTES", 60, validate=validate.Range(min=5, max=720))
LOGIN_FAILURES: int = env.int("LOGIN_FAILURES", 5, validate=validate.Range(min=3, max=20))
LOGIN_LOCK_MINUTES: int = env.int("LOGIN_LOCK_MINUTES", 15, validate=validate.Range(min=1, max=1440))
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
EMAIL_URL: str = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "xinfang@localhost")
# How many days back a person may date a receipt, with a reason.
BACKDATE_DAYS: int = env.int("BACKDATE_DAYS", 7, validate=validate.Range(min=0, max=60))
# How many megabytes one attachment may have.
ATTACHMENT_MB: int = env.int("ATTACHMENT_MB", 20, validate=validate.Range(min=1, max=500))
# At which shares of a limit (percent) the holder is warned; the last day always warns.
WARN_AT: list[int] = env.list("WARN_AT", [50, 75, 85], subcast=int, validate=validate.ContainsOnly(range(1, 100)))
# By which roads staff are told besides their desk.
STAFF_CHANNELS: list[str] = env.list(
    "STAFF_CHANNELS", ["email"], validate=validate.ContainsOnly(["email", "sms", "chat"])
)
SMS_BACKEND: str = env.str("SMS_BACKEND", "petitions.channels.Outbox")
CHAT_BACKEND: str = env.str("CHAT_BACKEND", "petitions.channels.Outbox")
# How often a notice that was not taken is tried before it is given up.
NOTICE_TRIES: int = env.int("NOTICE_TRIES", 8, validate=validate.Range(min=1, max=20))
# How often a change is sent to another system that does not take it, before it is given up.
WEBHOOK_TRIES: int = env.int("WEBHOOK_TRIES", 10, validate=validate.Range(min=1, max=30))
# After how many days an unfinished registration that nobody has touched is thrown away.
EXPORT_DAYS: int = env.int(
    "EXPORT_DAYS", 3, validate=validate.Range(min=1, max=30)
)  # how long an exported list is kept
DRAFT_DAYS: int = env.int("DRAFT_DAYS", 30, validate=validate.Range(min=1, max=365))
# The longest that a token of the REST API may be made for, in days; and how often a minute one may ask.
API_TOKEN_DAYS: int = env.int("API_TOKEN_DAYS", 180, validate=validate.Range(min=1, max=366))
API_PER_MINUTE: int = env.int("API_PER_MINUTE", 600, validate=validate.Range(min=1, max=100_000))

try:
    env.seal()
    _secrets = kept_secrets.load(VAR_DIR)
except (EnvError, ValueError) as wrong:
    raise ImproperlyConfigured(f"A setting is wrong: {wrong}") from None

SECRET_KEY = _secrets.secret_key
FIELD_KEYS: dict[str, bytes] = _secrets.field_keys  # id → AES-256 key; the highest id encrypts, all decrypt
BLIND_KEY: bytes = _secrets.blind_key
SEAL_KEY: bytes = _secrets.seal_key
BACKUP_NOTE = VAR_DIR / "last-backup"  # when the last whole backup was made
SEAL_NOTE = VAR_DIR / "last-seal.json"  # outside the database, so that seals cut off at its end are missed
FIELD_CIPHER, BLIND_HASH = "aes-256-gcm", "sha256"  # names in accounts/privacy.py

# --- servers -------------------------------------------------------------------------------------------------------

_found = embedded.addresses()


def _database(login: str) -> dict[str, Any]:
    """Connection settings for "owner" or "app": from the URLs given, or of the embedded server."""
    url = (DATABASE_OWNER_URL or DATABASE_URL) if login == "owner" else DATABASE_URL
    if url:
        return _from_url(url)
    known = _found.get("database", {})
    who = known.get(login, {})
    return {
        "NAME": known.get("name", embedded.DATABASE), "HOST": known.get("host", "/nonexistent"),
        "PORT": str(known.get("port", 5432)), "USER": who.get("user", ""), "PASSWORD": who.get("password", ""),
        "OPTIONS": {},
    }  # fmt: skip


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "A setting is wrong: DATABASE_URL and DATABASE_OWNER_URL look like postgresql://user:password@host:5432/name"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": unquote(parts.path.strip("/")), "HOST": host, "PORT": str(parts.port or ""),
        "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""), "OPTIONS": options,
    }  # fmt: skip


_SHARED_DB = {
    "ENGINE": "config.postgres",
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,  # the verbs open their own transactions; reads need none
}
DB_OWNER: dict[str, Any] = _SHARED_DB | _database("owner")
# Where the app's login equals the owner's, connections switch to DB_APP_ROLE (config.postgres), unless run as owner.
DB_SINGLE_LOGIN: bool = bool(DATABASE_URL) and not DATABASE_OWNER_URL
DATABASES: dict[str, dict[str, Any]] = {
    "default": (DB_OWNER if OFFICE_DB_AS == "owner" else _SHARED_DB | _database("app"))
    | {"TEST": {"NAME": TEST_DATABASE}}
}


def _broker(number: int, *, celery: bool = False) -> str:
    """The address of one numbered database of Valkey, in the dialect of Celery or of the cache."""
    if REDIS_URL:
        return REDIS_URL
    known = _found.get("redis", {"password": "", "socket": "/nonexistent"})
    password = quote(known["password"], safe="")
    if celery:
        return f"redis+socket://:{password}@{known['socket']}?virtual_host={number}"
    return f"unix://:{password}@{known['socket']}?db={number}"


CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _broker(1),
        "KEY_PREFIX": "office",
    }
}
if TESTING:  # parallel test processes must not see each other's entries
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

CELERY_BROKER_URL = _broker(0, celery=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a task lost with its worker is taken again; every task can be repeated
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_DEFAULT_QUEUE = "office"
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_EAGER_PROPAGATES = TESTING

# --- the application -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",  # "Simple": the loaders below are set by hand
    "rest_framework",
    "drf_spectacular",
    "accounts",
    "petitions",
    "visits",
    "config",  # commands about the whole office
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.NoCookiesMiddleware",  # before sessions: the API knows none
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.NotAllowedMiddleware",
    "accounts.middleware.SessionEndMiddleware",
    "accounts.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as it asks
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "petitions.context.office",
                "petitions.demo.tour.on_sign_in_page",
            ],
        },
    }
]
FORM_RENDERER = "accounts.rendering.OfficeRenderer"
INSTALLED_APPS.insert(0, "django.forms")  # its templates, so that templates/django/forms can replace one

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- people and sessions -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:  # Argon2 is slow on purpose; its own test names it
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.NotPublished"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PUBLIC_HTTPS
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = False  # read by our htmx set-up to send the token in a header
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PUBLIC_HTTPS

AXES_FAILURE_LIMIT = LOGIN_FAILURES
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]  # either alone locks
AXES_COOLOFF_TIME = LOGIN_LOCK_MINUTES / 60
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_IPWARE_PROXY_COUNT = PROXIES_IN_FRONT
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password"]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True  # the project's own AccessLog has it
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "accounts.views.sessions.locked"

# --- what a browser is told ----------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if PUBLIC_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_HTTPS and PROXIES_IN_FRONT else None

# --- files ---------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.statics.VendorFinder",  # what npm installed, and of that only what pages use
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "config.statics.ManifestStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
mimetypes.add_type("text/javascript", ".mjs")

MEDIA_ROOT = VAR_DIR / "media"  # never served by path: attachments go through a view that asks access.py
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# A text of ten million characters reaches the form, which refuses it with its own words; beyond that, 413 or 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# --- mail, log, API ------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20  # seconds: a notice is locked while it is being sent
OUTBOX_DIR = VAR_DIR / "outbox"  # what the file backend of petitions/channels.py writes
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    if _mail.scheme not in ("smtp", "smtps") or not _mail.hostname:
        raise ImproperlyConfigured("A setting is wrong: EMAIL_URL looks like smtp://user:password@host:587")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TESTING else LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},  # refused steps (4xx) are in the AccessLog, not here
        "django.server": {"handlers": ["console"], "propagate": False},
        "axes": {"level": "WARNING"},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.TokenAuthentication"],  # never a session: no cookie, no CSRF
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.TokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["petitions.api.bodies.Body"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "petitions.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "信访办理系统接口",
    "DESCRIPTION": "The REST API of a petition office. See docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
