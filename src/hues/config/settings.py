"""Settings: all from the environment (`HUES_…`, `DATABASE_URL`, `NATS_URL`), small on purpose. docs/operations.md lists each."""

import os
from pathlib import Path

from hues.config.rooms import ROOMS
from hues.runtime.places import data_dir, database_settings, nats_url, secret

DATA_DIR = data_dir()
CITY = os.environ.get("HUES_CITY", "hue")
CITIES_DIR = Path(os.environ.get("HUES_CITIES_DIR", Path(__file__).resolve().parents[3] / "cities"))
DEBUG = False
# Development doors (the sandbox SMS page, sample accounts) are open only where sample data was loaded on purpose.
SANDBOX = os.environ.get("HUES_SANDBOX", "0") == "1"

# Whether this deployment trains the assistant by itself (new phrases, corrections at night); `hues assist train` always does.
# Models of the packs' phrases, made at setup: of the installation, not of a city's data.
ASSIST_DIR = Path(os.environ.get("HUES_ASSIST_DIR", Path(__file__).resolve().parents[3] / "build" / "assist"))
ASSIST_LEARNS = os.environ.get("HUES_LEARN", "1") != "0"

# Rate limits; only a sandbox can do without them (benchmarks send thousands of reports from one address).
LIMITS = not (SANDBOX and os.environ.get("HUES_LIMITS") == "off")

SECRET_KEY = secret("django")
PUBLIC_URL = os.environ.get("HUES_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# Empty: the same host, one port above, which is what `hues serve` starts.
LIVE_URL = os.environ.get("HUES_LIVE_URL", "").rstrip("/")
NATS_URL = nats_url()
ALLOWED_HOSTS = os.environ.get("HUES_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Only a proxy that we are told of may say who the client is and whether TLS was used.
TRUSTED_PROXIES = [p for p in os.environ.get("HUES_TRUSTED_PROXIES", "").split(",") if p]
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    *[room.app for room in ROOMS if room.is_app],
]

MIDDLEWARE = [
    "hues.kernel.http.RequestFrame",  # request id, timing, metrics, structured log, security headers with CSP
    "hues.web.compression.CompressPages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hues.web.language.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hues.people.middleware.ActorMiddleware",  # request.actor, lazily
    "django.contrib.messages.middleware.MessageMiddleware",
    "hues.kernel.http.ProblemResponses",  # named errors → RFC 9457 or a page, in the reader's language
]

ROOT_URLCONF = "hues.config.urls"
WSGI_APPLICATION = "hues.config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "hues.web.context.shell",
            ],
            "builtins": ["hues.web.templatetags.hues"],
        },
    }
]

DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["hues.people.backends.Accounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login"

SESSION_ENGINE = "hues.people.sessions"  # in the database, keys hashed; its limits are there
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-hues" if HTTPS else "hues"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "hues.web.pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"

LANGUAGE_CODE = os.environ.get("HUES_LANGUAGE", "vi")
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "hues_language"
LOCALE_PATHS: list[Path] = []
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and computed in UTC; shown in the city's own zone, see hues.city.clock

STATIC_URL = "/static/"
# What `hues build-web` made: of the installation, not of a city's data. `HUES_STATIC_LIVE=1` serves the rooms' own files instead.
STATIC_ROOT = Path(os.environ.get("HUES_STATIC_DIR", Path(__file__).resolve().parents[3] / "build" / "static"))
STATIC_LIVE = os.environ.get("HUES_STATIC_LIVE", "0") == "1" or not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = STATIC_LIVE
WHITENOISE_MAX_AGE = 0 if STATIC_LIVE else 3600
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("woff2", "png", "webp", "jpg", "gz", "br")
STORAGES = {
    "default": {"BACKEND": "hues.kernel.files.durable.DurableFiles", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "hues.web.storage.Static"},
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # each room's background work

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Hue-S"
MFA_ADAPTER = "hues.people.mfa.SealedSecrets"

# Text messages: which provider (a row of hues.people.sms.PROVIDERS), and how to reach a gateway. Nothing set, in the sandbox: a page shows them.
SMS_PROVIDER = os.environ.get("HUES_SMS_PROVIDER", "sandbox" if SANDBOX else "gateway")
SMS_URL = os.environ.get("HUES_SMS_URL", "")
SMS_KEY = os.environ.get("HUES_SMS_KEY", "")
SMPP_URL = os.environ.get("HUES_SMPP_URL", "")
SMPP_PER_SECOND = max(0.1, float(os.environ.get("HUES_SMPP_PER_SECOND", "20")))
SMS_SENDER = os.environ.get("HUES_SMS_SENDER", "Hue-S")

# How notices leave the house besides the inbox: leave one out to switch it off. Mail: which provider (a row of hues.notifications.mailers.MAILERS).
NOTICE_CHANNELS = frozenset(os.environ.get("HUES_NOTICE_CHANNELS", "push,mail,sms").replace(" ", "").split(","))
SMTP_URL = os.environ.get("HUES_SMTP_URL", "")
MAIL_PROVIDER = os.environ.get("HUES_MAIL_PROVIDER", "sandbox" if SANDBOX and not SMTP_URL else "smtp")
MAIL_FROM = os.environ.get("HUES_MAIL_FROM", "")
MAIL_BOUNCE = os.environ.get("HUES_MAIL_BOUNCE", "")  # the envelope's sender: where undeliverable mail comes back
SMS_PRICE = int(os.environ.get("HUES_SMS_PRICE", "0"))  # đồng a part, for the delivery log

# Telephony (docs/telephony.md)
CTI_KEYS = os.environ.get("HUES_CTI_KEYS", "")
CTI_ADAPTER = os.environ.get("HUES_CTI_ADAPTER", "sandbox" if SANDBOX else "")
CTI_URL = os.environ.get("HUES_CTI_URL", "")
CTI_SOURCE = os.environ.get("HUES_CTI_SOURCE", "pbx")  # under which name the adapter's calls are kept

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "hues.kernel.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HUES_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
    },
}
