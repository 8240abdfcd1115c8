import { type FormEvent, useState } from "react";
import { type CriticKind, useCritics } from "@/queries/critics";
import { texts } from "./texts";

interface Critic {
  kind: CriticKind;
  name: string;
}

const ACTIONS = { verifier: "verify", judge: "judge" } as const;

interface VerifyChosenProps {
  project: string;
  onSend: (kind: (typeof ACTIONS)[CriticKind], name: string) => void;
}

/** Let code or a model critique the selected answers; who was chosen stays chosen, whoever else comes or goes. */
export function VerifyChosen({ project, onSend }: VerifyChosenProps) {
  const { verifiers, judges } = useCritics(project);
  const [chosen, setChosen] = useState<Critic | null>(null);
  const critics: Critic[] = [
    ...(verifiers.data ?? []).map(({ name }) => ({ kind: "verifier" as const, name })),
    ...(judges.data ?? []).map(({ name }) => ({ kind: "judge" as const, name })),
  ];
  const isReady = verifiers.data !== undefined && judges.data !== undefined;
  const critic = chosen ? critics.find((each) => keyOf(each) === keyOf(chosen)) : critics[0];
  const action = ACTIONS[critic?.kind ?? "verifier"];
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (critic && isReady) onSend(action, critic.name);
  };
  return (
    <form className="row tight" aria-label={texts.actions[action]} onSubmit={send}>
      {(critics.length > 1 || (chosen && !critic)) && (
        <select
          className="narrow"
          aria-label={texts.value.verify}
          value={critic ? keyOf(critic) : ""}
          onChange={(event) => setChosen(critics.find((each) => keyOf(each) === event.target.value) ?? null)}
        >
          {!critic && <option value="" />}
          {(["verifier", "judge"] as const).map((kind) => (
            <optgroup key={kind} label={texts.critics[kind]}>
              {critics
                .filter((each) => each.kind === kind)
                .map((each) => (
                  <option key={each.name} value={keyOf(each)}>
                    {each.name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      )}
      <button type="submit" className="button small" disabled={!critic || !isReady}>
        {texts.actions[action]}
      </button>
    </form>
  );
}

const keyOf = ({ kind, name }: Critic) => `${kind} ${name}`;
