import { Field } from "@/components/field";

const FEWEST = 2;
const MOST = 11;

interface PointsFieldProps {
  label: string;
  hint?: string;
  value: number;
  onChange: (points: number) => void;
}

/** How many points a scale has. */
export function PointsField({ label, hint, value, onChange }: PointsFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          required
          min={FEWEST}
          max={MOST}
          value={value}
          onChange={(event) => onChange(event.target.valueAsNumber || FEWEST)}
        />
      )}
    </Field>
  );
}
