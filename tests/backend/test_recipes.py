from dataclasses import replace

import pytest
from pydantic import ValidationError

from backend.recipes import (
    PRESETS,
    Feedback,
    Grpo,
    Guards,
    Opsd,
    Optimiser,
    Recipe,
    Rft,
    RltfFm,
    RltfSd,
    Rules,
    Sampling,
    Sdft,
    Sdpo,
    SdZero,
    Sft,
    StepAlign,
    Supply,
    Teacher,
    forecast,
    missing,
    warnings,
)

FULL = Supply(
    train_prompts=96,
    probe_prompts=32,
    critiques=96,
    rated_critiques=96,
    recorded_redrafts=96,
    edits=3,
    mean_response_tokens=90.0,
    usable=96,
)
EMPTY = Supply(0, 0, 0, 0, 0, 0, 0.0)
EVERYTHING = replace(FULL, answers=96, accepted=5, referenced=9, references=9, rules=2)


def test_the_default_trains_on_what_was_collected() -> None:
    recipe = Recipe()
    assert (recipe.method.name, recipe.feedback.attempts, recipe.feedback.redrafts) == ("rltf-sd", "stored", "recorded")
    assert missing(recipe, FULL) == []
    assert warnings(recipe, FULL) == []


def test_an_unknown_key_is_refused_at_every_depth() -> None:
    for wrong in (
        {"lr": 1},
        {"optimiser": {"lr": 1}},
        {"method": {"name": "rltf-sd", "beta": 1}},
        {"method": {"name": "dpo"}},
    ):
        with pytest.raises(ValidationError):
            Recipe.model_validate(wrong)


@pytest.mark.parametrize(
    ("recipe", "cure"),
    [
        ({"sharding": "fsdp2"}, "set processes to 2 or more"),
        ({"feedback": {"attempts": "live"}}, "set feedback.redrafts to 'start' or 'live'"),
        ({"feedback": {"control": "foreign"}}, "set feedback.redrafts to 'start' or 'live'"),
        ({"feedback": {"verifier": None, "redrafts": "start"}}, "set feedback.verifier to 'concise'"),
        ({"feedback": {"authors": ["judge", "judge"]}}, "name each once"),
        (
            {"method": {"name": "rltf-sd", "turns_coefficient": 1.0}, "sampling": {"attempts_per_prompt": 2}},
            "both temperatures to 1",
        ),
        ({"method": {"name": "rltf-sd", "turns_coefficient": 1.0}}, "attempts_per_prompt above 1"),
        (
            {"method": {"name": "grpo", "turns": 2}, "feedback": {"attempts": "live", "redrafts": "live"}},
            "set the sampling temperatures to 1",
        ),
        ({"method": {"name": "rltf-fm"}, "feedback": {"control": "no_critique"}}, "choose another control"),
        ({"method": {"name": "sdpo", "peers": True}, "feedback": {"control": "foreign"}}, "set method.peers to false"),
        (
            {
                "method": {
                    "name": "sdpo",
                    "divergence": {"support": "sampled", "name": "reverse_kl"},
                    "correction": {"kind": "differentiable"},
                }
            },
            "choose another correction",
        ),
        ({"method": {"name": "sft"}, "feedback": {"control": "foreign"}}, "set feedback.control to 'none'"),
        ({"method": {"name": "sdpo", "divergence": {"name": "forward_kl", "support": "sampled"}}}, "another support"),
        ({"method": {"name": "sdpo", "divergence": {"support": "sampled", "entry_limit": 1}}}, "entry_limit empty"),
        (
            {
                "feedback": {"attempts": "live", "redrafts": "start"},
                "sampling": {"attempts_per_prompt": 3},
                "optimiser": {"pairs_per_step": 16},
            },
            "a multiple of sampling.attempts_per_prompt",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_its_cure(recipe: dict[str, object], cure: str) -> None:
    with pytest.raises(ValidationError, match=cure):
        Recipe.model_validate(recipe)


def test_two_turns_are_allowed_where_the_policy_samples_both_at_temperature_one() -> None:
    recipe = Recipe(
        method=RltfSd(turns_coefficient=1.0),
        feedback=Feedback(attempts="live", redrafts="live"),
        sampling=Sampling(attempt_temperature=1.0, redraft_temperature=1.0, attempts_per_prompt=2),
    )
    assert isinstance(recipe.method, RltfSd)


def test_every_field_speaks() -> None:
    definitions = Recipe.model_json_schema()["$defs"]
    silent = [
        f"{name}.{field}"
        for name, definition in definitions.items()
        for field, schema in definition["properties"].items()
        if field != "name" and not (("$ref" in schema or schema.get("title")) and schema.get("description"))
    ]
    assert silent == []


def test_every_preset_survives_the_wire() -> None:
    for preset in PRESETS:
        assert Recipe.model_validate_json(preset.recipe.model_dump_json()) == preset.recipe
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)


def test_a_project_without_a_critique_is_told_so() -> None:
    assert any("no usable critique" in sentence for sentence in missing(Recipe(), EMPTY))


def test_each_method_asks_for_its_own_data() -> None:
    no_guards = Guards(enabled=False)
    assert missing(Recipe(method=Sft(), guards=no_guards), EMPTY) == [
        "There is no edited answer to learn from, and none with the highest rating. Edit answers in Annotate first."
    ]
    lacks = {
        Opsd(): "No answer was collected at a train prompt with a reference",
        Sdft(): "neither an edited answer nor a reference",
        StepAlign(): "neither an edit nor a critique",
        SdZero(): "No attempt is rated",
        Grpo(): "No attempt is rated",
        Rules(): "has no rules",
        Sdpo(): "no usable critique",
        RltfFm(): "no usable critique",
        Rft(): "no usable critique",
    }
    for method, sentence in lacks.items():
        (said,) = missing(Recipe(method=method, guards=no_guards), EMPTY)
        assert sentence in said
        assert missing(Recipe(method=method, guards=no_guards), EVERYTHING) == []
    live = Recipe(feedback=Feedback(attempts="live", redrafts="start"), guards=no_guards)
    assert missing(live, EMPTY) == ["There is no prompt in the train split. Import prompts first."]
    apart = replace(EVERYTHING, usable=0)
    (said,) = missing(Recipe(method=Opsd(), guards=no_guards), apart)
    assert said == "No collected answer comes with all that this method needs at once: reference."
    assert missing(live, replace(apart, train_prompts=1)) == []
    unrated = Supply(96, 32, 96, 96, 0, 0, 90.0)
    recorded_only = Recipe(feedback=Feedback(verifier=None))
    assert missing(recorded_only, unrated) == [
        "No redraft has been judged. Judge redrafts in Annotate, or choose a verifier."
    ]


def test_guards_need_probe_prompts() -> None:
    few = replace(FULL, probe_prompts=1)
    assert any("probe split" in sentence for sentence in missing(Recipe(), few))
    assert missing(Recipe(guards=Guards(enabled=False)), few) == []


def test_warnings_count_what_is_unjudged_or_unrated() -> None:
    some = Supply(96, 32, 96, 90, 80, 0, 90.0)
    found = warnings(Recipe(), some)
    assert any(sentence.startswith("16 of 96 critiques have no judged redraft") for sentence in found)
    assert any(sentence.startswith("6 critiques have no rating") for sentence in found)


def test_a_control_with_a_reward_in_the_loss_is_not_called_flat() -> None:
    for method, says in ((RltfSd(), True), (Sdpo(), False)):
        recipe = Recipe(method=method, feedback=Feedback(redrafts="start", control="foreign"))
        assert any("not flat" in sentence for sentence in warnings(recipe, FULL)) == says


def test_what_belongs_to_one_prompt_alone_is_warned_of() -> None:
    assert any("belongs to its prompt alone" in sentence for sentence in warnings(Recipe(method=Opsd()), EVERYTHING))


def test_a_longer_run_is_forecast_to_take_longer() -> None:
    short, long = (forecast(Recipe(optimiser=Optimiser(steps=steps)), FULL) for steps in (5, 50))
    assert (short.steps, long.steps) == (5, 50)
    assert long.seconds > 4 * short.seconds
    assert long.tokens > short.tokens


def test_sampling_in_the_run_is_forecast() -> None:
    recorded = forecast(Recipe(), FULL)
    live = forecast(Recipe(feedback=Feedback(redrafts="live")), FULL)
    assert live.seconds > recorded.seconds
    assert live.tokens == recorded.tokens


def test_the_forecast_of_the_shipped_recipe_is_near_what_it_took() -> None:
    """Measured on two cores: 32 redrafts of 28 tokens on average, 24 probe prompts."""
    found = forecast(Recipe(), replace(FULL, mean_response_tokens=27.7))
    for expected, took in ((found.seconds, 43), (found.peak_memory_bytes, 2.08e9), (found.tokens, 8116)):
        assert 1 / 1.5 < expected / took < 1.5


def test_a_teacher_that_changes_is_forecast_to_read_every_answer_again() -> None:
    optimiser = Optimiser(steps=24, pairs_per_step=16)  # four epochs of 96 answers
    fixed, moving = (
        forecast(
            Recipe(method=Sdpo(teacher=Teacher(weights=weights)), optimiser=optimiser, guards=Guards(enabled=False)),
            replace(FULL, usable=96),
        )
        for weights in ("start", "ema")
    )
    assert fixed.tokens == moving.tokens
    assert fixed.seconds < 0.8 * moving.seconds
    no_teacher = forecast(Recipe(method=Sft(), optimiser=optimiser, guards=Guards(enabled=False)), FULL)
    assert no_teacher.seconds < fixed.seconds


def test_critiques_that_better_nothing_are_warned_of() -> None:
    for gain, says in ((0.4, False), (0.0, True), (-0.1, True), (None, False)):
        found = warnings(Recipe(), replace(FULL, utility=gain))
        assert any("nothing to internalise" in sentence for sentence in found) == says
    assert warnings(Recipe(method=Sft()), replace(FULL, utility=-0.1)) == []
