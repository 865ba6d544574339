"""A Django project's tables, made by its own migrations: `python django_site.py ENGINE NAME HOST [custom] FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

_PEOPLE = """
import uuid
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models

class Member(AbstractBaseUser, PermissionsMixin):
    uid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email_address = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, blank=True)
    date_of_birth = models.DateField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    USERNAME_FIELD = "email_address"
"""

_CUSTOM = {
    "AUTH_USER_MODEL": "people.Member",
    "ACCOUNT_USER_MODEL_EMAIL_FIELD": "email_address",
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
}


def main(engine: str, name: str, host: str, kind: str, folder: str) -> None:
    custom = kind == "custom"
    if custom:
        app = Path(folder) / "people"
        (app / "migrations").mkdir(parents=True)
        for file in (app / "__init__.py", app / "migrations" / "__init__.py"):
            file.touch()
        (app / "models.py").write_text(_PEOPLE, encoding="utf-8")
        sys.path.insert(0, folder)
    allauth = ["allauth", "allauth.account", "allauth.socialaccount", "allauth.usersessions", "allauth.mfa"]
    contrib = ["admin", "auth", "contenttypes", "sessions", "messages", "sites"]
    settings.configure(
        SECRET_KEY="only for tables" * 4,
        USE_TZ=True,
        SITE_ID=1,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {"ENGINE": f"django.db.backends.{engine}", "NAME": name, "HOST": host, "USER": "postgres"}
        },
        INSTALLED_APPS=[
            *(f"django.contrib.{app}" for app in contrib),
            *allauth,
            "social_django",
            *(["people"] if custom else []),
        ],
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        **(_CUSTOM if custom else {}),
    )
    django.setup()
    if custom:
        call_command("makemigrations", "people", verbosity=0)
    call_command("migrate", verbosity=0)


main(*sys.argv[1:])
