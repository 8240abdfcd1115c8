import { useQuery } from "@tanstack/react-query";
import { Field } from "@/components/field";
import { type Base, startsQuery } from "@/queries/runs";
import { texts } from "./texts";

interface BaseFieldProps {
  project: string;
  value: Base;
  problem: string | undefined;
  onChange: (base: Base) => void;
}

/** Where the run starts: what an alias serves, or one checkpoint. */
export function BaseField({ project, value, problem, onChange }: BaseFieldProps) {
  const starts = useQuery(startsQuery(project)).data;
  const aliases = starts?.aliases ?? [];
  const production = aliases.find((alias) => alias.name === "production");
  const others = aliases.filter((alias) => alias.name !== "production");
  return (
    <Field label={texts.form.base} hint={texts.form.baseHint} problem={problem}>
      {(ids) => (
        <select {...ids} value={toOption(value)} onChange={(event) => onChange(toBase(event.target.value))}>
          <optgroup label={texts.form.aliases}>
            <option value="">
              {production
                ? texts.form.alias("production", production.checkpoint.name)
                : texts.form.production}
            </option>
            {others.map((alias) => (
              <option key={alias.name} value={`alias:${alias.name}`}>
                {texts.form.alias(alias.name, alias.checkpoint.name)}
              </option>
            ))}
          </optgroup>
          <optgroup label={texts.form.checkpoints}>
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
