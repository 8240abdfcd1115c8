import { useQuery } from "@tanstack/react-query";
import { Field } from "@/components/field";
import { texts } from "@/lib/texts";
import { type Base, startsQuery } from "@/queries/runs";

const t = texts.checkpoint;

interface CheckpointFieldProps {
  project: string;
  label: string;
  hint?: string;
  value: Base;
  onChange: (base: Base) => void;
}

/** A choice of what an alias serves, or of one checkpoint. */
export function CheckpointField({ project, label, hint, value, onChange }: CheckpointFieldProps) {
  const starts = useQuery(startsQuery(project)).data;
  const aliases = starts?.aliases ?? [];
  const production = aliases.find((alias) => alias.name === "production");
  const others = aliases.filter((alias) => alias.name !== "production");
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select {...ids} value={toOption(value)} onChange={(event) => onChange(toBase(event.target.value))}>
          <optgroup label={t.aliases}>
            <option value="">
              {production ? t.alias("production", production.checkpoint.name) : t.production}
            </option>
            {others.map((alias) => (
              <option key={alias.name} value={`alias:${alias.name}`}>
                {t.alias(alias.name, alias.checkpoint.name)}
              </option>
            ))}
          </optgroup>
          <optgroup label={t.checkpoints}>
            {starts?.checkpoints.map((checkpoint) => (
              <option
                key={checkpoint.id}
                value={`checkpoint:${checkpoint.id}`}
                disabled={checkpoint.state !== "published"}
              >
                {checkpoint.name}
              </option>
            ))}
          </optgroup>
        </select>
      )}
    </Field>
  );
}

function toOption(base: Base): string {
  if (base.checkpoint_id != null) return `checkpoint:${base.checkpoint_id}`;
  return base.alias ? `alias:${base.alias}` : "";
}

function toBase(option: string): Base {
  const [kind, name = ""] = option.split(/:(.*)/);
  if (kind === "checkpoint") return { checkpoint_id: Number(name) };
  return kind === "alias" ? { alias: name } : {};
}
