"""Django's settings. Everything a site may change comes from the environment:

VARDE_HOME          folder of all state (default ``var``): database, keys, warehouse
DATABASE_URL        postgres://… for PostgreSQL; empty: SQLite in VARDE_HOME
VARDE_RAVN_DATABASE_URL, VARDE_NORM_DATABASE_URL
                    the same for the two de-identified registers, each in a database of its own;
                    empty: SQLite in VARDE_HOME/ravn and VARDE_HOME/norm
VARDE_IDENTITY_DATABASE_URL
                    the same for the identity vault; empty: SQLite in VARDE_HOME/identity
VARDE_SECRET_KEY    signs sessions; empty: VARDE_HOME/keys/web.key, made on first use
VARDE_HOSTS         host names the service answers to, by comma (default: this machine only)
VARDE_HTTPS         1 where the service stands behind HTTPS: secure cookies and HSTS
VARDE_INTAKE_MAX_BYTES  largest submission over HTTP, packed or unpacked (default 64 MiB)
VARDE_BASE_URL      https://host of this service as senders know it; empty: as each request came
VARDE_TOKEN_KEY     signs senders' access tokens; empty: VARDE_HOME/keys/tokens.key, made on first use
VARDE_CLIENT_CERT_PROXY  secret that a TLS proxy sends along with a sender's certificate; empty: none is believed
VARDE_OIDC_ISSUER   OpenID provider that people sign in with (https://…); empty: none
VARDE_OIDC_CLIENT_ID, VARDE_OIDC_NAME, VARDE_OIDC_CONTACT, VARDE_OIDC_RULES, VARDE_OIDC_MAX_AGE
                    what it knows us as; what people call it; whom to ask for access; a file of claims and
                    demands in place of HelseID's; longest session in seconds
VARDE_PASSWORD_SIGN_IN  0 where nobody signs in with a password
VARDE_AUDIT_HEADS   file of the access log's signed heads; empty: VARDE_HOME/audit-heads.jsonl
VARDE_AUDIT_SIGNING_KEYS, VARDE_AUDIT_KEYS
                    keys of the access log; empty: VARDE_HOME/keys/, made on first use
VARDE_DEMO_CONTENT  0 leaves the demonstration guideline that comes with Varde out
VARDE_DEBUG         1 for a developer's error pages; never where there are persons' data
VARDE_LOG_LEVEL     INFO by default
VARDE_LOG_FORMAT    json (default) or line: how each event is written to standard error
VARDE_METRICS_TOKEN lets whoever has it read /metrics and the details of /readyz from another machine
VARDE_DISK_FREE_MB  below so much free space the service says that it is not ready (default 1024)
"""

from __future__ import annotations

import os
from pathlib import Path

from varde.access.keys import read_or_make
from varde.access.oidc.configuration import read_configuration
from varde.web import database, log_lines, probing, senders


def _on(name: str) -> bool:
    return os.environ.get(name, "") == "1"


WEB = Path(__file__).resolve().parent
VARDE_HOME = Path(os.environ.get("VARDE_HOME") or "var").resolve()

DEBUG = _on("VARDE_DEBUG")
VARDE_DEMO_CONTENT = os.environ.get("VARDE_DEMO_CONTENT", "1") != "0"
SECRET_KEY = os.environ.get("VARDE_SECRET_KEY") or read_or_make(VARDE_HOME / "keys" / "web.key")
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("VARDE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]

VARDE_INTAKE_MAX_BYTES = int(os.environ.get("VARDE_INTAKE_MAX_BYTES") or 64 << 20)
VARDE_BASE_URL = senders.read_base_address(os.environ.get("VARDE_BASE_URL", ""))
VARDE_CLIENT_CERT_PROXY = senders.read_proxy_secret(os.environ.get("VARDE_CLIENT_CERT_PROXY", ""))

SIGN_IN_PROVIDER = read_configuration(os.environ, VARDE_HOME)
VARDE_PASSWORD_SIGN_IN = senders.read_password_switch(
    os.environ.get("VARDE_PASSWORD_SIGN_IN", ""), SIGN_IN_PROVIDER is not None
)

VARDE_METRICS_TOKEN = probing.read_token(os.environ.get("VARDE_METRICS_TOKEN", ""))
VARDE_DISK_FREE_MB = probing.read_megabytes(os.environ.get("VARDE_DISK_FREE_MB", ""))

INSTALLED_APPS = [
    "varde.access.apps.AccessConfig",
    "varde.identity.apps.IdentityConfig",
    "varde.register.apps.RegisterConfig",
    "varde.followup.apps.FollowupConfig",
    "varde.learning.apps.LearningConfig",
    "varde.web.apps.WebConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "varde.web.measuring.measure",
    "varde.web.middleware.security_headers",
    "varde.web.middleware.known_host",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "varde.web.middleware.language",
    "varde.web.middleware.readable_refusals",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "varde.web.middleware.provider_session",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "varde.web.urls"
WSGI_APPLICATION = "varde.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "varde.web.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "varde.web.templatetags.words",
            ],
        },
    }
]

DATABASES = {
    "default": database.choose(os.environ.get("DATABASE_URL", ""), VARDE_HOME),
    "ravn": database.choose(os.environ.get("VARDE_RAVN_DATABASE_URL", ""), VARDE_HOME / "ravn"),
    "norm": database.choose(os.environ.get("VARDE_NORM_DATABASE_URL", ""), VARDE_HOME / "norm"),
    "identity": database.choose(
        os.environ.get("VARDE_IDENTITY_DATABASE_URL", ""), VARDE_HOME / "identity"
    ),
}
DATABASE_ROUTERS = ["varde.web.database.Apart"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "start"

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Norsk bokmål"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = None
# Files are served straight from the package: nothing to collect before the service starts.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_MIMETYPES = {"license": "text/plain; charset=utf-8"}  # shown, not downloaded

HTTPS = _on("VARDE_HTTPS")
SESSION_COOKIE_NAME = "varde_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60  # one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "varde_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "varde.web.pages.errors.csrf_failure"
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
# Whoever watches the service may ask from inside.
SECURE_REDIRECT_EXEMPT = [r"^helse/$", r"^healthz$", r"^readyz$", r"^metrics$"]
# Other services on the same domain are not ours to speak for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144  # the pages take small forms only
FILE_UPLOAD_HANDLERS = ["varde.web.forms.uploads.SmallFile"]  # nothing in temporary files

# One line per event, to standard error. Query strings, form data and users are never logged.
LOGGING = log_lines.configuration(
    log_lines.read_form(os.environ.get("VARDE_LOG_FORMAT", "")),
    log_lines.read_level(os.environ.get("VARDE_LOG_LEVEL", "")),
)
