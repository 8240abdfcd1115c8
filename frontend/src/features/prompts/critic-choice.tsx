import type { UseQueryResult } from "@tanstack/react-query";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import type { CriticKind } from "@/queries/critics";
import type { Judge } from "@/queries/judges";
import { texts } from "./texts";

const t = texts.verify;
const KINDS: readonly CriticKind[] = ["verifier", "judge"];

interface KindChoiceProps {
  value: CriticKind;
  onChange: (kind: CriticKind) => void;
}

/** Whether code or a model critiques. */
export function KindChoice({ value, onChange }: KindChoiceProps) {
  return (
    <fieldset>
      <legend>{t.who}</legend>
      {KINDS.map((kind) => (
        <Choice
          key={kind}
          group="critic"
          name={t.kinds[kind][0]}
          about={t.kinds[kind][1]}
          checked={kind === value}
          onChoose={() => onChange(kind)}
        />
      ))}
    </fieldset>
  );
}

interface VerifierChoiceProps {
  verifiers: UseQueryResult<Shapes["VerifierShape"][]>;
  value: string | undefined;
  onChange: (name: string) => void;
}

/** Which verifier; what it does stands beside it. */
export function VerifierChoice({ verifiers, value, onChange }: VerifierChoiceProps) {
  if (verifiers.isError) return <Problem error={verifiers.error} retry={() => verifiers.refetch()} />;
  if (!verifiers.data) return <Skeleton />;
  if (verifiers.data.length === 0) return <p>{t.none}</p>;
  return (
    <fieldset>
      <legend>{t.verifier}</legend>
      {verifiers.data.map((each) => (
        <Choice
          key={each.name}
          group="verifier"
          name={each.name}
          about={each.description}
          checked={each.name === value}
          onChoose={() => onChange(each.name)}
        />
      ))}
    </fieldset>
  );
}

interface JudgeChoiceProps {
  judges: UseQueryResult<Judge[]>;
  value: string | undefined;
  onChange: (name: string) => void;
}

/** Which model judges. */
export function JudgeChoice({ judges, value, onChange }: JudgeChoiceProps) {
  if (judges.isError) return <Problem error={judges.error} retry={() => judges.refetch()} />;
  if (!judges.data) return <Skeleton />;
  if (judges.data.length === 0) return <p>{t.noJudge}</p>;
  return (
    <Field label={t.judge} hint={t.judgeHint}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.target.value)}>
          {judges.data.map(({ name, model, is_served }) => (
            <option key={name} value={name}>
              {is_served ? t.served(name, model) : t.elsewhere(model)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChoiceProps {
  group: string;
  name: string;
  about: string;
  checked: boolean;
  onChoose: () => void;
}

function Choice({ group, name, about, checked, onChoose }: ChoiceProps) {
  return (
    <label className="choice">
      <input type="radio" name={group} checked={checked} onChange={onChoose} />
      <span>
        <strong>{name}</strong>
        <br />
        <span className="small muted">{about}</span>
      </span>
    </label>
  );
}
