import { texts } from "./texts";

interface StrengthProps {
  value: number | null;
  onChange: (choice: number) => void;
}

/** Seven steps from the first answer being much better to the second; the keys 1 to 7 choose too. */
export function Strength({ value, onChange }: StrengthProps) {
  return (
    <fieldset className="strength">
      <legend>{texts.which}</legend>
      <div className="strength-steps">
        {texts.strengths.map((name, place) => {
          const choice = place + 1;
          return (
            <label key={name} className="strength-step" data-chosen={value === choice}>
              <input
                type="radio"
                name="strength"
                checked={value === choice}
                aria-label={name}
                onChange={() => onChange(choice)}
              />
              <span aria-hidden="true" className="strength-number">
                {choice}
              </span>
              <span aria-hidden="true" className="strength-word">
                {texts.short[place]}
              </span>
            </label>
          );
        })}
      </div>
      <div className="row apart small muted" aria-hidden="true">
        <span>← {texts.first}</span>
        <b>{value !== null && texts.strengths[value - 1]}</b>
        <span>{texts.second} →</span>
      </div>
    </fieldset>
  );
}
