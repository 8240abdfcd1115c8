"""The tables, one file per group of nouns."""

from backend.models.base import Base, WorkState
from backend.models.checkpoints import Alias, AliasMove, Checkpoint, CheckpointState
from backend.models.critiques import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueReview,
    CritiqueRevision,
    CritiqueState,
    ReviewState,
    Severity,
    Verdict,
)
from backend.models.forms import FormVersion, GuidelineReading, GuidelineVersion
from backend.models.known_items import KnownItem, KnownKind
from backend.models.people import ApiKey, Invitation, JournalEntry, Login, Membership, Role, User
from backend.models.preferences import ComparisonSet, Pair, Preference, PreferenceState
from backend.models.prompts import Project, Prompt, QueueOrder, Routing, Split
from backend.models.queue import Reservation
from backend.models.rollouts import Rollout, RolloutSource, RolloutState
from backend.models.rules import Rule, RuleCritique, RuleEdit, RuleState
from backend.models.runs import Run, RunEvent, RunMetric, RunSample, Snapshot, SnapshotItem
from backend.models.search import BulkChange, ChangeKind, Listed, RolloutSearch, SavedView
from backend.models.tallies import Tally
from backend.models.work import EvalSuite, Evaluation, EvaluationAnswer, Job, JobKind, WorkerHeartbeat

__all__ = [
    "Alias", "AliasMove", "ApiKey", "AuthorKind", "Base", "BulkChange", "ChangeKind", "Checkpoint", "CheckpointState",
    "Comparison", "ComparisonSet", "Critique", "CritiqueReview", "CritiqueRevision", "CritiqueState", "EvalSuite",
    "Evaluation", "EvaluationAnswer", "FormVersion", "GuidelineReading", "GuidelineVersion", "Invitation", "Job",
    "JobKind", "JournalEntry", "KnownItem", "KnownKind", "Listed", "Login", "Membership", "Pair", "Preference",
    "PreferenceState", "Project", "Prompt", "QueueOrder", "Reservation", "ReviewState", "Role", "Rollout",
    "RolloutSearch", "RolloutSource", "RolloutState", "Routing", "Rule", "RuleCritique", "RuleEdit", "RuleState", "Run",
    "RunEvent", "RunMetric", "RunSample", "SavedView", "Severity", "Snapshot", "SnapshotItem", "Split", "Tally", "User",
    "Verdict", "WorkState", "WorkerHeartbeat",
]  # fmt: skip
