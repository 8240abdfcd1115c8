import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { verifiersQuery } from "@/queries/jobs";
import { judgesQuery } from "@/queries/judges";
import { texts } from "./texts";

type Critic = { kind: "verify" | "judge"; name: string };

interface VerifyChosenProps {
  project: string;
  onSend: (kind: Critic["kind"], name: string) => void;
}

/** Let code or a model critique the selected answers. */
export function VerifyChosen({ project, onSend }: VerifyChosenProps) {
  const verifiers = useQuery(verifiersQuery).data ?? [];
  const judges = useQuery(judgesQuery(project)).data ?? [];
  const [chosen, setChosen] = useState(0);
  const critics: Critic[] = [
    ...verifiers.map(({ name }) => ({ kind: "verify" as const, name })),
    ...judges.map(({ name }) => ({ kind: "judge" as const, name })),
  ];
  const critic = critics[chosen];
  const kind = critic?.kind ?? "verify";
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (critic) onSend(critic.kind, critic.name);
  };
  return (
    <form className="row tight" aria-label={texts.actions[kind]} onSubmit={send}>
      {critics.length > 1 && (
        <select
          className="narrow"
          aria-label={texts.value.verify}
          value={chosen}
          onChange={(event) => setChosen(Number(event.target.value))}
        >
          {(["verify", "judge"] as const).map((each) => (
            <optgroup key={each} label={texts.critics[each === "verify" ? "verifier" : "judge"]}>
              {critics.map(({ kind, name }, place) =>
                kind === each ? (
                  <option key={name} value={place}>
                    {name}
                  </option>
                ) : null,
              )}
            </optgroup>
          ))}
        </select>
      )}
      <button type="submit" className="button small" disabled={!critic}>
        {texts.actions[kind]}
      </button>
    </form>
  );
}
