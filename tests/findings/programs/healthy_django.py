# SPDX-License-Identifier: GPL-3.0-or-later
# imports: django
"""A Django site at rest: some hundred requests through URL routing, the ORM on sqlite, and templates."""
import django
from django.conf import settings

settings.configure(
    DEBUG=False, SECRET_KEY="for this test only", ALLOWED_HOSTS=["testserver"], ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
        ("django.template.loaders.locmem.Loader", {
            "base.html": "<h1>{% block title %}{% endblock %}</h1>{% block body %}{% endblock %}",
            "users.html": "{% extends 'base.html' %}{% block title %}Users{% endblock %}{% block body %}"
                          "{% for user in users %}<p>{{ user.username|upper }} {{ user.email }}</p>{% endfor %}"
                          "{% endblock %}"})]}}])
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


def users(request):
    found = User.objects.filter(username__startswith=request.GET.get("q", "u")).order_by("username")
    return render(request, "users.html", {"users": found})


def user(request, number):
    try:
        found = User.objects.get(pk=number)
    except User.DoesNotExist:
        raise Http404("no such user")
    return JsonResponse({"name": found.username, "mail": found.email})


urlpatterns = [path("users/", users), path("users/<int:number>/", user)]


def main():
    call_command("migrate", verbosity=0)
    User.objects.bulk_create(User(username="u%d" % n, email="u%d@example.org" % n) for n in range(300))
    client = Client()
    for n in range(60):
        assert client.get("/users/", {"q": "u%d" % (n % 10)}).status_code == 200
        assert client.get("/users/%d/" % (n + 1)).status_code == 200
    import logging
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    assert client.get("/users/100000/").status_code == 404


main()
print("ready", flush=True)
input()
