import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { verifiersQuery } from "@/queries/jobs";
import { texts } from "./texts";

/** Let a verifier critique the selected answers. */
export function VerifyChosen({ onSend }: { onSend: (kind: "verify", verifier: string) => void }) {
  const verifiers = useQuery(verifiersQuery).data ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const verifier = chosen ?? verifiers[0]?.name;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (verifier) onSend("verify", verifier);
  };
  return (
    <form className="row tight" aria-label={texts.actions.verify} onSubmit={send}>
      {verifiers.length > 1 && (
        <select
          className="narrow"
          aria-label={texts.value.verify}
          value={verifier ?? ""}
          onChange={(event) => setChosen(event.target.value)}
        >
          {verifiers.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <button type="submit" className="button small" disabled={!verifier}>
        {texts.actions.verify}
      </button>
    </form>
  );
}
