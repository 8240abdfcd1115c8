"""The methods by the name that recipes give them. A new one is one file and one line here."""

from worker.objective.methods import (
    edit_distil,
    grpo,
    opsd,
    rft,
    rltf,
    rltf_fm,
    rltf_sd,
    rules,
    sd_zero,
    sdft,
    sdpo,
    sft,
    step_align,
    trd,
)
from worker.objective.types import Method

METHODS: dict[str, Method] = {
    "rltf-sd": rltf_sd.build,
    "rltf-fm": rltf_fm.build,
    "rltf": rltf.build,
    "sft": sft.build,
    "rft": rft.build,
    "grpo": grpo.build,
    "sdpo": sdpo.build,
    "sdft": sdft.build,
    "opsd": opsd.build,
    "step-align": step_align.build,
    "sd-zero": sd_zero.build,
    "trd": trd.build,
    "rules": rules.build,
    "edit-distil": edit_distil.build,
}
