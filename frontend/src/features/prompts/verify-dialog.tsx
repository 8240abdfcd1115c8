import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { FormActions } from "@/components/form-actions";
import { Problem, Skeleton } from "@/components/states";
import { useVerify, verifiersQuery } from "@/queries/jobs";
import type { Split } from "@/queries/prompts";
import { CheckField, SplitField } from "./bulk-fields";
import { Dialog } from "./dialog";
import { texts } from "./texts";

const t = texts.verify;

interface VerifyProps {
  project: string;
  open: boolean;
  onClose: () => void;
}

/** Start a job that lets code critique the first attempts. */
export function VerifyDialog({ project, open, onClose }: VerifyProps) {
  const verifiers = useQuery({ ...verifiersQuery, enabled: open });
  const [chosen, setChosen] = useState<string | null>(null);
  const [split, setSplit] = useState<Split>("train");
  const [redraft, setRedraft] = useState(true);
  const verifying = useVerify(project);
  const verifier = chosen ?? verifiers.data?.[0]?.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!verifier) return;
    verifying.mutate(
      { verifier, split, redraft, temperature: 0.7, max_tokens: 96, seed: 0 },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={t.title} open={open} onClose={onClose}>
      <p className="notice">{t.about}</p>
      <form onSubmit={submit}>
        {verifiers.isError && <Problem error={verifiers.error} retry={() => verifiers.refetch()} />}
        {verifiers.isPending && <Skeleton />}
        {verifiers.data?.length === 0 && <p>{t.none}</p>}
        {verifiers.data && verifiers.data.length > 0 && (
          <fieldset>
            <legend>{t.verifier}</legend>
            {verifiers.data.map((each) => (
              <label className="choice" key={each.name}>
                <input
                  type="radio"
                  name="verifier"
                  checked={each.name === verifier}
                  onChange={() => setChosen(each.name)}
                />
                <span>
                  <strong>{each.name}</strong>
                  <br />
                  <span className="small muted">{each.description}</span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <SplitField value={split} onChange={setSplit} />
        <CheckField label={t.redraft} hint={t.redraftHint} checked={redraft} onChange={setRedraft} />
        {verifying.isError && <Problem error={verifying.error} />}
        <FormActions isBusy={!verifier || verifying.isPending} onCancel={onClose}>
          {t.submit}
        </FormActions>
      </form>
    </Dialog>
  );
}
