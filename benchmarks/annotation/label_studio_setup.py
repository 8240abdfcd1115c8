"""Runs in Label Studio's own environment: a project with tasks and people; prints their tokens as a line of JSON.

Standard library and Label Studio only: ``python label_studio_setup.py TASKS OVERLAP PEOPLE``. Its text indexes over
annotations are left out: the bundled PostgreSQL lacks the extensions (pg_trgm, btree_gin), and writing is only faster
without them.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import label_studio

sys.path.insert(0, str(Path(label_studio.__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.label_studio")

import django

django.setup()

from core.current_request import CurrentContext  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from organizations.models import Organization  # noqa: E402
from projects.models import Project  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from tasks.models import Task  # noqa: E402
from users.models import User  # noqa: E402

FORM = """<View><Text name="prompt" value="$prompt"/><Text name="answer" value="$answer"/>
<TextArea name="critique" toName="answer"/><Rating name="rating" toName="answer" maxRating="5"/></View>"""
BATCH = 1000


def main(tasks: int, overlap: int, people: int) -> dict[str, object]:
    """The project's id and a token for each person."""
    with connection.execute_wrapper(_but_text_indexes):
        call_command("migrate", verbosity=0)
    users = [
        User.objects.create_user(email=f"ann{n}@example.org", password=f"a long password {n}") for n in range(people)
    ]
    organization = Organization.create_organization(created_by=users[0], title="Bench", legacy_api_tokens_enabled=True)
    for user in users:
        if not organization.has_user(user):
            organization.add_user(user)
        user.active_organization = organization
        user.save()
    CurrentContext.set_user(users[0])
    project = Project.objects.create(
        title="Bench", created_by=users[0], organization=organization, label_config=FORM, maximum_annotations=overlap
    )
    for start in range(0, tasks, BATCH):
        Task.objects.bulk_create(
            Task(project=project, data=_data(number), overlap=overlap, inner_id=number + 1)
            for number in range(start, min(start + BATCH, tasks))
        )
    return {"project": project.id, "tokens": [Token.objects.get_or_create(user=user)[0].key for user in users]}


def _but_text_indexes(
    execute: Callable[..., object], statement: object, params: object, many: object, context: object
) -> object:
    if any(name in str(statement).lower() for name in ("trgm", "btree_gin", "using gin")):
        return None
    return execute(statement, params, many, context)


def _data(number: int) -> dict[str, str]:
    return {"prompt": f"Question {number}: what causes rain?", "answer": "rain forms when water vapour rises " * 12}


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:4]))))
