import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { FormActions } from "@/components/form-actions";
import { Problem } from "@/components/states";
import { checkpointsQuery } from "@/queries/checkpoints";
import { useCreateComparisonSet } from "@/queries/comparisons";
import { type SourceFields, type SourceKind, toSource } from "./source";
import { texts } from "./texts";

const KINDS: readonly SourceKind[] = ["checkpoints", "attempts", "rollouts"];
const SPLITS = ["eval", "probe", "train"] as const;

/** What to compare, by how many people, and whether they learn who wrote which. */
export function NewComparison({ project, onDone }: { project: string; onDone: () => void }) {
  const create = useCreateComparisonSet(project);
  const [name, setName] = useState("");
  const [overlap, setOverlap] = useState("1");
  const [reveals, setReveals] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [fields, setFields] = useState<SourceFields>({
    kind: "checkpoints",
    a: "",
    b: "",
    split: "eval",
    n: "50",
    pairs: "",
  });
  const change = (changes: Partial<SourceFields>) => setFields((known) => ({ ...known, ...changes }));
  const start = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    try {
      await create.mutateAsync({ name, overlap: Number(overlap), reveals, source: toSource(fields) });
      onDone();
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <form className="card stack" aria-label={texts.create} onSubmit={start}>
      <h2>{texts.create}</h2>
      <Field label={texts.name} hint={texts.nameHint}>
        {(ids) => (
          <input
            {...ids}
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <div className="comparison-fields">
        <Field label={texts.what}>
          {(ids) => (
            <select
              {...ids}
              value={fields.kind}
              onChange={(event) =>
                change({ kind: KINDS.find((kind) => kind === event.target.value) ?? "checkpoints" })
              }
            >
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {texts.kinds[kind]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <SourceInputs project={project} fields={fields} onChange={change} />
        <NumberField label={texts.overlap} value={overlap} most={20} onChange={setOverlap} />
      </div>
      <label className="row">
        <input type="checkbox" checked={reveals} onChange={() => setReveals(!reveals)} /> {texts.reveals}
      </label>
      {problem !== null && <Problem error={problem} />}
      <FormActions isBusy={create.isPending} onCancel={onDone}>
        {texts.start}
      </FormActions>
    </form>
  );
}

interface SourceInputsProps {
  project: string;
  fields: SourceFields;
  onChange: (changes: Partial<SourceFields>) => void;
}

function SourceInputs({ project, fields, onChange }: SourceInputsProps) {
  if (fields.kind === "rollouts")
    return (
      <Field label={texts.rolloutPairs} hint={texts.rolloutPairsHint}>
        {(ids) => (
          <textarea
            {...ids}
            required
            rows={4}
            value={fields.pairs}
            onChange={(event) => onChange({ pairs: event.target.value })}
          />
        )}
      </Field>
    );
  return (
    <>
      {fields.kind === "checkpoints" &&
        (["a", "b"] as const).map((side) => (
          <CheckpointField
            key={side}
            project={project}
            label={texts[side]}
            value={fields[side]}
            onChange={(value) => onChange({ [side]: value })}
          />
        ))}
      <Field label={texts.split}>
        {(ids) => (
          <select
            {...ids}
            value={fields.split}
            onChange={(event) =>
              onChange({ split: SPLITS.find((split) => split === event.target.value) ?? "eval" })
            }
          >
            {SPLITS.map((split) => (
              <option key={split}>{split}</option>
            ))}
          </select>
        )}
      </Field>
      <NumberField label={texts.n} value={fields.n} most={2000} onChange={(n) => onChange({ n })} />
    </>
  );
}

interface CheckpointFieldProps {
  project: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function CheckpointField({ project, label, value, onChange }: CheckpointFieldProps) {
  const checkpoints = useQuery(checkpointsQuery(project));
  return (
    <Field label={label}>
      {(ids) => (
        <select {...ids} required value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="" />
          {checkpoints.data?.map((found) => (
            <option key={found.id} value={found.id}>
              {[found.name, ...found.aliases].join(" · ")}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberFieldProps {
  label: string;
  value: string;
  most: number;
  onChange: (value: string) => void;
}

function NumberField({ label, value, most, onChange }: NumberFieldProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          required
          min={1}
          max={most}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
