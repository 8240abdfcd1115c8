import { type KeyboardEvent, type MouseEvent, useId } from "react";
import { texts } from "@/lib/texts";
import "./choices.css";

interface RatingProps {
  label: string;
  levels: number;
  value: number | null;
  onChange: (value: number | null) => void;
  /** A name for every level, from the lowest; none, or as many as there are levels. */
  names?: readonly string[] | undefined;
  hint?: string | undefined;
  problem?: string | undefined;
}

/** A rating on the project's scale, stored in [0, 1]; choosing the same again takes it back, a digit chooses. */
export function Rating({ label, levels, value, onChange, names = [], hint, problem }: RatingProps) {
  const name = useId();
  const worthOf = (level: number) => level / (levels - 1);
  const chosen = value === null ? -1 : Math.round(value * (levels - 1));
  return (
    <fieldset
      className="rating"
      aria-describedby={problem || hint ? `${name}-about` : undefined}
      onKeyDown={(event) => chooseByDigit(event, levels, (level) => onChange(worthOf(level)))}
    >
      <legend>{label}</legend>
      {Array.from({ length: levels }, (_, level) => (
        <label key={worthOf(level)} className="dot" data-chosen={level === chosen} title={names[level]}>
          <input
            type="radio"
            name={name}
            checked={level === chosen}
            aria-label={texts.rating.level(level + 1, levels, names[level])}
            onChange={() => onChange(worthOf(level))}
            onClick={(event) => {
              if (level === chosen) onChange(null);
              leaveByMouse(event);
            }}
          />
          <span aria-hidden="true">{level + 1}</span>
        </label>
      ))}
      {names.length > 0 && (
        <span className="rating-name small muted" aria-hidden="true">
          {names[chosen] ?? `${names[0]} – ${names.at(-1)}`}
        </span>
      )}
      <About id={`${name}-about`} hint={hint} problem={problem} />
    </fieldset>
  );
}

/** The hint or the problem of a group of choices. */
export function About({
  id,
  hint,
  problem,
}: {
  id: string;
  hint?: string | undefined;
  problem?: string | undefined;
}) {
  if (!hint && !problem) return null;
  return (
    <span id={id} className={problem ? "choices-about problem" : "choices-about"} role={problem && "alert"}>
      {problem ?? hint}
    </span>
  );
}

/** Chosen with the mouse, a choice does not keep the focus: the digits go on meaning what the page says they mean. */
export function leaveByMouse(event: MouseEvent<HTMLInputElement>): void {
  if (event.detail > 0) event.currentTarget.blur();
}

/** Choose the place that a digit names, counted from 1, and put the focus there. */
export function chooseByDigit(event: KeyboardEvent, count: number, choose: (place: number) => void): void {
  const place = Number(event.key) - 1;
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key) || place >= count) return;
  event.preventDefault();
  event.stopPropagation();
  choose(place);
  event.currentTarget.querySelectorAll("input")[place]?.focus();
}

/** "3 of 5", or a dash. */
export function ratingText(value: number | null, levels: number): string {
  return value === null ? "–" : texts.rating.level(Math.round(value * (levels - 1)) + 1, levels);
}
