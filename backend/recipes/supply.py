"""What a project holds for a recipe, what it lacks, and what to know before a launch."""

from dataclasses import dataclass

from backend.recipes.methods import AnyOf, Fact, Grpo, RltfSd
from backend.recipes.recipe import Recipe, needs

FEWEST_PROBE_PROMPTS = 4


@dataclass(frozen=True)
class Supply:
    """What a project holds for a recipe: counts over the usable critiques of the recipe's authors on train prompts."""

    train_prompts: int
    probe_prompts: int
    critiques: int
    rated_critiques: int
    recorded_redrafts: int
    edits: int
    mean_response_tokens: float  # of what is learned: the attempt, or in a method on redrafts the recorded one
    answers: int = 0  # attempts that somebody said anything of: a critique, a rating, an edit
    accepted: int = 0  # of these, with the highest rating
    referenced: int = 0  # of these, at a prompt with a reference answer
    references: int = 0  # train prompts with a reference answer
    rules: int = 0
    usable: int = 0  # of these, with all that the method needs at once
    utility: float | None = None  # mean gain of reward from attempt to recorded redraft; None without one


def is_usable(
    recipe: Recipe, *, critique: str, rating: float | None, edit: str | None, reference: str | None,
    redraft_reward: float | None, rules: bool,
) -> bool:  # fmt: skip
    """Whether a collected attempt comes with all that the method needs; a redraft is recorded, or can be rated."""
    has: dict[Fact, bool] = {
        "critique": bool(critique.strip()),
        "redraft": uses_recorded(recipe, redraft_reward) or recipe.feedback.verifier is not None,
        "edit": bool((edit or "").strip()),
        "accepted": rating == 1,
        "rating": rating is not None,
        "reference": bool(reference),
        "rules": rules,
    }
    return all(any(has[fact] for fact in alternatives) for alternatives in recipe.needs)


def uses_recorded(recipe: Recipe, redraft_reward: float | None) -> bool:
    """Whether the redraft that was recorded is the one to learn from; None is the reward of one nobody judged."""
    return recipe.feedback.redrafts == "recorded" and redraft_reward is not None


LACKS: dict[AnyOf, str] = {
    frozenset({"critique"}): "There is no usable critique. Critique answers in Annotate, or run a verifier, first.",
    frozenset({"rating"}): "No attempt is rated. Rate answers in Annotate, or run a verifier, first.",
    frozenset({"edit", "accepted"}): (
        "There is no edited answer to learn from, and none with the highest rating. Edit answers in Annotate first."
    ),
    frozenset({"edit", "reference"}): (
        "There is neither an edited answer nor a reference answer. Edit answers in Annotate, or import prompts with "
        "references, first."
    ),
    frozenset({"edit", "critique"}): "There is neither an edit nor a critique. Work in Annotate first.",
    frozenset({"reference"}): (
        "No answer was collected at a train prompt with a reference answer. Import prompts with references, or answer "
        "live."
    ),
    frozenset({"rules"}): (
        "The project has no rules, or no collected answer to learn them on. Write rules on the page Rules, and "
        "critique answers, or answer live."
    ),
}


def missing(recipe: Recipe, supply: Supply) -> list[str]:
    """What the project lacks for the recipe, a sentence each; a run with any of it is refused."""
    lacks = []
    if recipe.guards.enabled and supply.probe_prompts < FEWEST_PROBE_PROMPTS:
        lacks.append(
            f"The guards need at least {FEWEST_PROBE_PROMPTS} prompts in the probe split; there are "
            f"{supply.probe_prompts}. Import some, or switch the guards off."
        )
    if recipe.feedback.attempts == "live" and not supply.train_prompts:
        lacks.append("There is no prompt in the train split. Import prompts first.")
    has = _has(recipe, supply)
    lacks += [LACKS[alternatives] for alternatives in recipe.needs if not any(has[fact] for fact in alternatives)]
    if recipe.feedback.attempts == "stored" and recipe.feedback.reviewed == "accepted" and not supply.answers:
        lacks.append("No critique is accepted. Accept some on the page Review, or use all that are submitted.")
    unrated = recipe.feedback.verifier is None and recipe.uses_redrafts and not supply.recorded_redrafts
    if recipe.feedback.attempts == "stored" and supply.critiques and unrated:
        lacks.append("No redraft has been judged. Judge redrafts in Annotate, or choose a verifier.")
    if recipe.feedback.attempts == "stored" and not lacks and not supply.usable:
        wanted = " and ".join(" or ".join(sorted(alternatives)) for alternatives in recipe.needs)
        lacks.append(f"No collected answer comes with all that this method needs at once: {wanted}.")
    return lacks


def _has(recipe: Recipe, supply: Supply) -> dict[Fact, bool]:
    """Which facts an attempt can come with. Live attempts are critiqued and rated by the verifier."""
    live = recipe.feedback.attempts == "live"
    return {
        "critique": live or supply.critiques > 0,
        "redraft": True,  # where none is recorded it is sampled
        "edit": not live and supply.edits > 0,
        "accepted": live or supply.accepted > 0,
        "rating": live or supply.rated_critiques > 0,
        "reference": supply.references > 0 if live else supply.referenced > 0,
        "rules": supply.rules > 0 and (live or supply.answers > 0),
    }


def warnings(recipe: Recipe, supply: Supply) -> list[str]:
    """What to know before a launch, a sentence each; none of it stops a run."""
    notes = []
    method, feedback = recipe.method, recipe.feedback
    if not recipe.guards.enabled:
        notes.append("The guards are off: a run that collapses goes on to its last step.")
    if feedback.attempts == "stored":
        notes += _stored_warnings(recipe, supply)
    if isinstance(method, RltfSd) and method.baseline == "same_turn_mean" and _alone(recipe, supply):
        notes.append("With one redraft per prompt its mean is itself: the same-turn baseline leaves nothing to learn.")
    if isinstance(method, Grpo) and _alone(recipe, supply):
        notes.append("With one attempt per prompt its mean is itself: a group needs several attempts to learn from.")
    live_redrafts = recipe.uses_redrafts and feedback.redrafts == "live"
    if (live_redrafts or feedback.attempts == "live") and method.drift_coefficient == 0:
        notes.append("A policy that learns from its own live answers can drift off; watch on_topic, or set a penalty.")
    if needs(method, "reference"):
        notes.append(
            "A reference belongs to its prompt alone: where answers share no rule there may be nothing to internalise."
        )
    if feedback.control == "shuffled":
        notes.append("Critiques of other answers say something only where critiques differ from answer to answer.")
    return notes + _control_warnings(recipe)


def _control_warnings(recipe: Recipe) -> list[str]:
    if recipe.feedback.control in {"none", "no_critique"} or not recipe.method.uses_reward:
        return []
    return ["With a rating in the loss this control is not flat: the rating picks what is right by chance."]


def _alone(recipe: Recipe, supply: Supply) -> bool:
    if recipe.feedback.attempts == "live":
        return recipe.sampling.attempts_per_prompt == 1
    return supply.critiques <= supply.train_prompts


def _stored_warnings(recipe: Recipe, supply: Supply) -> list[str]:
    notes = []
    unjudged = supply.critiques - supply.recorded_redrafts
    if recipe.uses_redrafts and recipe.feedback.redrafts == "recorded" and unjudged > 0:
        fate = (
            "they are left out"
            if recipe.feedback.verifier is None
            else f"theirs are sampled from the start checkpoint and rated by the verifier '{recipe.feedback.verifier}'"
        )
        notes.append(f"{unjudged} of {supply.critiques} critiques have no judged redraft; {fate}.")
    if supply.utility is not None and supply.utility <= 0 and recipe.uses_critiques:
        notes.append(
            f"Redrafts are no better than their attempts (mean gain {supply.utility:+.2f}): a model that gains nothing "
            "from the critique in view has nothing to internalise."
        )
    if recipe.method.uses_reward and supply.rated_critiques < supply.critiques:
        count = supply.critiques - supply.rated_critiques
        notes.append(f"{count} critiques have no rating of the attempt; they count as 0.5.")
    return notes
