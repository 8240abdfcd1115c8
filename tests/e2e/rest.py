"""The loop over REST with a key, for end-to-end tests."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2

from tests.e2e.conftest import PASSWORD
from tests.installation import RunningInstallation

Json = dict[str, Any]
WAIT_SECONDS = 150
OVER = ("succeeded", "failed", "cancelled")


class Rest:
    """A client of one project, with an owner's key."""

    def __init__(self, installation: RunningInstallation, project: str) -> None:
        self.project = project
        self.installation = installation
        with httpx2.Client(base_url=installation.url, headers={"Origin": installation.url}) as browser:
            login = {"email": "owner@redraft.local", "password": PASSWORD}
            csrf = {"X-CSRF": browser.post("/api/login", json=login).json()["csrf_token"]}
            browser.post("/api/projects", json={"slug": project, "name": project}, headers=csrf)
            body = {"name": "tests", "role": "owner"}
            self.key = browser.post(f"/api/projects/{project}/keys", json=body, headers=csrf).json()["key"]
        self.http = self._client()

    def _client(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(base_url=self.installation.url, headers=headers, timeout=60)

    def close(self) -> None:
        """End the connection."""
        self.http.close()

    def reconnect(self) -> None:
        """Connect again, as after a restart on another port."""
        self.close()
        self.http = self._client()

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON of our own API
        answer = self.http.request(method, path.replace("{p}", self.project), json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON of our own API
        return self.send("GET", path)

    def wait(self, path: str, over: Callable[[Json], bool] = lambda found: found["state"] in OVER) -> Json:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found: Json = self.get(path)
            if over(found):
                return found
            assert time.monotonic() < deadline, f"{path} is still {found}\n{self.installation.logs()}"
            time.sleep(0.2)

    def import_prompts(self, count: int = 6) -> None:
        lines = [
            json.dumps({"prompt": f"What is {split} thing number {number}?", "split": split})
            for split in ("train", "probe", "eval")
            for number in range(count)
        ]
        answer = self.http.post(f"/api/projects/{self.project}/prompts/import", content="\n".join(lines).encode())
        assert answer.is_success, answer.text

    def sample(self, tokens: int = 12) -> None:
        job = self.send("POST", "/api/projects/{p}/rollouts/sample", {"split": "train", "max_tokens": tokens})
        assert self.wait(f"/api/jobs/{job['id']}")["state"] == "succeeded"

    def annotate_all(self, *, leave: int = 0) -> int:
        """Critique the attempts but the last few, have each redrafted, and call the redraft better."""
        count = 0
        while self.get("/api/projects/{p}/progress")["to_annotate"] > leave:
            found = self.send("POST", "/api/projects/{p}/assignments/next", {})
            path = f"/api/critiques/{found['critique']['id']}"
            draft = {"text": "Too long. One short sentence.", "rating": 0.25, "tags": [], "edit": None}
            body = {"draft": draft, "version": found["critique"]["draft_version"]}
            stream = self.http.post(f"{path}/redraft", json=body).text
            start = json.loads(stream.split("data: ", 1)[1].split("\n", 1)[0])
            self.send("PUT", f"{path}/redrafts/{start['rollout_id']}", {"verdict": "better"})
            self.send(
                "POST", f"{path}/submit", {**body, "version": start["version"]}, **{"Idempotency-Key": str(uuid4())}
            )
            count += 1
        return count

    def launch(self, *, steps: int = 4, guards: bool = False, **recipe: object) -> int:
        body = {
            "project": self.project,
            "recipe": {
                "method": {"name": "rltf-sd"},
                "optimiser": {"steps": steps, "pairs_per_step": 4, "learning_rate": 0.01},
                "sampling": {"max_tokens": 12},
                "guards": {"enabled": guards, "every": 1, "probe_prompts": 4},
                **recipe,
            },
        }
        return int(self.send("POST", "/api/runs", body)["id"])

    def published(self, run_id: int) -> Json:
        """The best checkpoint of a finished run, once the engine serves it."""
        run = self.wait(f"/api/runs/{run_id}")
        assert run["state"] == "succeeded", f"{run}\n{self.installation.logs()}"
        path = f"/api/projects/{self.project}/checkpoints/{run['best_checkpoint']['id']}"
        return self.wait(path, lambda found: found["state"] != "written")

    def chat(self, model: str) -> str:
        messages = [{"role": "user", "content": "What is it?"}]
        body = {"model": model, "temperature": 0, "max_tokens": 12, "messages": messages}
        return str(self.send("POST", "/v1/chat/completions", body)["choices"][0]["message"]["content"])
