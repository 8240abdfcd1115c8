import { useId } from "react";
import { Field } from "@/components/field";
import type { Split } from "@/queries/prompts";
import { texts } from "./texts";

const SPLITS: Split[] = ["train", "probe", "eval"];

/** Which split a job works on. */
export function SplitField({ value, onChange }: { value: Split; onChange: (split: Split) => void }) {
  return (
    <Field label={texts.split}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.target.value as Split)}>
          {SPLITS.map((split) => (
            <option key={split}>{split}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  problem?: string | undefined;
}

/** A number as it was typed. */
export function NumberField({ label, hint, value, onChange, problem }: NumberProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => (
        <input
          {...ids}
          type="text"
          inputMode="decimal"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface CheckProps {
  label: string;
  hint: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A box to tick, with its words. */
export function CheckField({ label, hint, checked, onChange }: CheckProps) {
  const id = useId();
  return (
    <div className="choice">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        <div className="small muted" id={`${id}-hint`}>
          {hint}
        </div>
      </div>
    </div>
  );
}
