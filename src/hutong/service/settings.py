"""Django's settings. What an installation may vary comes from the environment (``environment.py``)."""

from __future__ import annotations

from hutong.service.environment import read_environment

ENVIRONMENT = read_environment()

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
DATABASES = {"default": dict(ENVIRONMENT.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: The stages that are live. An app brings its own pages, policies and menu (``web/stage.py``).
STAGES = [
    "hutong.service.web",
    "hutong.service.places",
    "hutong.service.accounts",
    "hutong.service.search",
    "hutong.service.jobs",
    "hutong.service.ledger",
    "hutong.service.requests",
    "hutong.service.open311",
    "hutong.service.twin",
    "hutong.service.checkup",
    "hutong.service.lessons",
    "hutong.service.council",
    "hutong.service.bodies",
    "hutong.service.budgets",
    "hutong.service.neighbourhood",
    "hutong.service.schemes",
    "hutong.service.consent",
    "hutong.service.residents",
    "hutong.service.meters",
    "hutong.service.api",
    "hutong.service.surveys",
    "hutong.service.desk",
    "hutong.service.projects",
    "hutong.service.operation",
    "hutong.service.lettings",
    "hutong.service.profiles",
    "hutong.service.open_data",
    "hutong.service.my_home",
    "hutong.service.evaluation",
    "hutong.service.simulation",
    "hutong.service.exchange",
    "hutong.service.practice",
]
INSTALLED_APPS = [
    *STAGES,  # before allauth, so that its templates are ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "rules",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "hutong.service.web.middleware.content_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hutong.service.web.kept.kept_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hutong.service.web.middleware.plain_errors",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "hutong.service.urls"
WSGI_APPLICATION = "hutong.service.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hutong.service.web.context.page",
            ],
            "builtins": ["hutong.service.web.templatetags.hutong"],
        },
    }
]

# languages: Chinese unless the reader chose otherwise or the browser asks for English
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# files of the pages, found where they lie; no step of collecting them
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = ENVIRONMENT.data

# accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "rules.permissions.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip"}  # per account, axes locks
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.public
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "hutong.service.accounts.selectors.client_address"
AXES_USERNAME_CALLABLE = "hutong.service.accounts.selectors.tried_name"
AXES_LOCKOUT_CALLABLE = "hutong.service.accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# background work
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# the browser
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "hutong.service.web.views.csrf_failure"
if ENVIRONMENT.public:
    CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
if ENVIRONMENT.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "axes": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "hutong": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
