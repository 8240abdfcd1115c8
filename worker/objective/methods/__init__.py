"""The methods by the name that recipes give them. A new one is one file and one line here."""

from worker.objective.methods import rltf_sd, sft
from worker.objective.types import Method

METHODS: dict[str, Method] = {
    "rltf-sd": rltf_sd.METHOD,
    "sft": sft.METHOD,
}
