import { Field } from "@/components/field";
import { texts } from "./texts";

const MOST_CHARACTERS = 300;

interface RuleFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** The one sentence of a rule; Ctrl or Cmd with Enter saves it. */
export function RuleField({ value, onChange }: RuleFieldProps) {
  return (
    <Field label={texts.rule} hint={texts.ruleHint(MOST_CHARACTERS - value.length)}>
      {(ids) => (
        <textarea
          {...ids}
          rows={3}
          required
          maxLength={MOST_CHARACTERS}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      )}
    </Field>
  );
}
