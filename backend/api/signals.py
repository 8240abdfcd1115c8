"""What a critique would teach: the map over the attempt, word by word."""

from dataclasses import asdict

from fastapi import APIRouter

from backend.api.deps import ActorDep, EngineDep, SessionsDep
from backend.api.shapes import Body, Shape
from backend.database import transaction
from backend.domain import critiques, projects, signals
from backend.domain.critiques import Draft
from backend.models import Role

router = APIRouter(prefix="/api", tags=["critiques"])


class SignalBody(Body):
    """A critique as it is being written."""

    draft: Draft


class TokenShape(Shape):
    """A token of the attempt; ``gain`` above 0: with the critique in view the model wants more of it."""

    text: str
    logprob: float
    logprob_under_critique: float
    gain: float


class SignalShape(Shape):
    """The map. Gains are differences of natural logarithms of probabilities; their sum is the whole answer's."""

    tokens: list[TokenShape]
    total_gain: float


@router.post("/critiques/{critique_id}/signal")
def signal(
    critique_id: int, body: SignalBody, actor: ActorDep, sessions: SessionsDep, engine: EngineDep
) -> SignalShape:
    """How much likelier each token of the attempt is with the critique in view; nothing is stored."""
    with transaction(sessions) as session:
        critique = critiques.get(session, critique_id)
        role = Role.annotator if critique.author_id == actor.user.id else Role.reviewer
        projects.authorise(session, actor, at_least=role, project_id=critique.project_id)
        wanted = signals.plan(session, critique=critique, draft=body.draft)
    tokens = signals.measure(engine, wanted)
    return SignalShape(
        tokens=[TokenShape(**asdict(token), gain=token.gain) for token in tokens],
        total_gain=sum(token.gain for token in tokens),
    )
