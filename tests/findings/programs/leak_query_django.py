# SPDX-License-Identifier: GPL-3.0-or-later
# imports: django
# finds: low query-cache __main__.Report.everyone (django.db.models.query.QuerySet) holds 3,000 results of its query
# finds: query-cache DatabaseWrapper) holds * queries that were made
"""A QuerySet in a class that was once iterated, and DEBUG left on."""
import django
from django.conf import settings

settings.configure(DEBUG=True, DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
                   INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], USE_TZ=True,
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402


class Report:
    everyone = User.objects.order_by("username")

    def lines(self):
        return [user.username for user in self.everyone]


call_command("migrate", verbosity=0)
for start in range(0, 3000, 100):
    User.objects.bulk_create(User(username="user%d" % n, email="user%d@example.org" % n) for n in range(start, start + 100))
assert len(Report().lines()) == 3000
for n in range(300):
    User.objects.filter(username="user%d" % n).exists()
print("ready", flush=True)
input()
