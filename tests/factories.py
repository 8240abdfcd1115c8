"""Rows for tests, each made the way the product makes them where that is short."""

from sqlalchemy.orm import Session

from backend.domain import critiques, projects, prompts, users
from backend.domain.critiques import Draft
from backend.domain.projects import Access
from backend.models import (
    AuthorKind,
    Checkpoint,
    CheckpointState,
    Critique,
    CritiqueState,
    Membership,
    Project,
    Prompt,
    Role,
    Rollout,
    RolloutSource,
    Split,
    User,
)

PASSWORD = "a long enough password"
BASE = "tiny-base"


def user(session: Session, email: str = "owner@example.org", *, creator: bool = True) -> User:
    return users.create(
        session,
        email=email,
        name=email.split("@", maxsplit=1)[0],
        password=PASSWORD,
        one_time=False,
        may_create_projects=creator,
    )


def project(session: Session, owner: User, slug: str = "demo", **settings: object) -> Project:
    made = projects.create(session, user=owner, slug=slug, name=slug.title())
    for name, value in settings.items():
        setattr(made, name, value)
    session.flush()
    return made


def member(session: Session, made: Project, email: str, role: Role = Role.annotator) -> User:
    person = user(session, email, creator=False)
    session.add(Membership(project_id=made.id, user_id=person.id, role=role))
    session.flush()
    return person


def access(made: Project, person: User, role: Role = Role.owner) -> Access:
    return Access(project=made, role=role, user_id=person.id)


def base(session: Session) -> Checkpoint:
    found = session.query(Checkpoint).filter_by(name=BASE).one_or_none()
    if found is None:
        found = Checkpoint(name=BASE, path="/models/tiny", sha256="0" * 64, state=CheckpointState.published)
        session.add(found)
        session.flush()
    return found


def prompt(session: Session, made: Project, text: str = "What is rain?", split: Split = Split.train) -> Prompt:
    line = prompts.PromptLine(prompt=text, split=split)
    prompts.import_lines(session, project_id=made.id, lines=[line.model_dump_json(exclude_none=True)], keep_good=False)
    return session.query(Prompt).filter_by(project_id=made.id, content_hash=prompts.content_hash(line.chat())).one()


def attempt(session: Session, made: Project, text: str = "What is rain?", answer: str = "Rain is water.") -> Rollout:
    rollout = Rollout(
        project_id=made.id,
        prompt_id=prompt(session, made, text).id,
        checkpoint_id=base(session).id,
        text=answer,
        token_ids=[1, 2, 3],
        logprobs=[-0.1, -0.2, -0.3],
        sampling={"temperature": 1.0},
        finish_reason="stop",
        source=RolloutSource.attempt,
    )
    session.add(rollout)
    session.flush()
    return rollout


def submitted(
    session: Session, made: Project, rollout: Rollout, person: User, *, text: str = "Too long.", rating: float = 0.0
) -> Critique:
    critique = Critique(
        project_id=made.id,
        rollout_id=rollout.id,
        author_kind=AuthorKind.annotator,
        author_id=person.id,
        author_name=person.name,
        draft=Draft(text=text, rating=rating).model_dump(),
    )
    session.add(critique)
    session.flush()
    critiques.freeze(session, critique=critique)
    critique.state = CritiqueState.submitted
    session.flush()
    return critique


def redraft(session: Session, critique: Critique, text: str = "Rain is falling water.") -> Rollout:
    parent = session.get_one(Rollout, critique.rollout_id)
    rollout = Rollout(
        project_id=parent.project_id,
        prompt_id=parent.prompt_id,
        checkpoint_id=parent.checkpoint_id,
        parent_id=parent.id,
        critique_revision_id=critique.current_revision_id,
        turn=1,
        text=text,
        token_ids=[4, 5],
        logprobs=[-0.5, -0.6],
        finish_reason="stop",
        source=RolloutSource.redraft,
    )
    session.add(rollout)
    session.flush()
    return rollout
