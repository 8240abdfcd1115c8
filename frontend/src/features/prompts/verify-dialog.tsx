import { type FormEvent, useState } from "react";
import { FormActions } from "@/components/form-actions";
import { Problem } from "@/components/states";
import { type CriticKind, useCritics } from "@/queries/critics";
import { useJudge, useVerify } from "@/queries/jobs";
import type { Split } from "@/queries/prompts";
import { CheckField, SplitField } from "./bulk-fields";
import { JudgeChoice, KindChoice, VerifierChoice } from "./critic-choice";
import { Dialog } from "./dialog";
import { texts } from "./texts";

const t = texts.verify;

interface VerifyProps {
  project: string;
  open: boolean;
  onClose: () => void;
}

/** Start a job that lets code or a model critique the first attempts. */
export function VerifyDialog({ project, open, onClose }: VerifyProps) {
  const { verifiers, judges } = useCritics(project, open);
  const [kind, setKind] = useState<CriticKind>("verifier");
  const [chosen, setChosen] = useState<Partial<Record<CriticKind, string>>>({});
  const [split, setSplit] = useState<Split>("train");
  const [redraft, setRedraft] = useState(true);
  const verifying = useVerify(project);
  const judging = useJudge(project);
  const verifier = chosen.verifier ?? verifiers.data?.[0]?.name;
  const judge = chosen.judge ?? judges.data?.[0]?.name;
  const [working, named] = kind === "judge" ? [judging, judge] : [verifying, verifier];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const settings = { split, redraft, temperature: 0.7, max_tokens: 96, seed: 0 };
    if (kind === "judge" && judge) judging.mutate({ judge, ...settings }, { onSuccess: onClose });
    if (kind === "verifier" && verifier) verifying.mutate({ verifier, ...settings }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t.title} open={open} onClose={onClose}>
      <form onSubmit={submit}>
        <KindChoice value={kind} onChange={setKind} />
        {kind === "judge" ? (
          <JudgeChoice
            judges={judges}
            value={judge}
            onChange={(name) => setChosen({ ...chosen, judge: name })}
          />
        ) : (
          <VerifierChoice
            verifiers={verifiers}
            value={verifier}
            onChange={(name) => setChosen({ ...chosen, verifier: name })}
          />
        )}
        <SplitField value={split} onChange={setSplit} />
        <CheckField label={t.redraft} hint={t.redraftHint} checked={redraft} onChange={setRedraft} />
        {working.isError && <Problem error={working.error} />}
        <FormActions isBusy={!named || working.isPending} onCancel={onClose}>
          {kind === "judge" ? t.submitJudge : t.submit}
        </FormActions>
      </form>
    </Dialog>
  );
}
