import { useId } from "react";

interface RatingProps {
  label: string;
  levels: number;
  value: number | null;
  onChange: (value: number | null) => void;
}

/** A rating on the project's scale, stored in [0, 1]; choosing the same again takes it back. */
export function Rating({ label, levels, value, onChange }: RatingProps) {
  const name = useId();
  return (
    <fieldset className="rating">
      <legend>{label}</legend>
      {Array.from({ length: levels }, (_, level) => {
        const worth = level / (levels - 1);
        const chosen = value !== null && Math.abs(value - worth) < 1e-6;
        return (
          <label key={worth} className="dot" data-chosen={chosen}>
            <input
              type="radio"
              name={name}
              checked={chosen}
              aria-label={`${level + 1} of ${levels}`}
              onChange={() => onChange(worth)}
              onClick={() => chosen && onChange(null)}
            />
            <span aria-hidden="true">{level + 1}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** "3 of 5", or a dash. */
export function ratingText(value: number | null, levels: number): string {
  return value === null ? "–" : `${Math.round(value * (levels - 1)) + 1} of ${levels}`;
}
