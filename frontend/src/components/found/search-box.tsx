import { type RefObject, useEffect, useRef, useState } from "react";
import { texts } from "./texts";

const PAUSE_MS = 250;

interface SearchBoxProps {
  box: RefObject<HTMLInputElement | null>;
  label: string;
  value: string;
  onChange: (words: string) => void;
}

/** The one search box; it asks when one stops typing. */
export function SearchBox({ box, label, value, onChange }: SearchBoxProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const asked = useRef(onChange);
  asked.current = onChange;
  // Words that came from elsewhere, a view say, replace what stands here.
  if (value !== known) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === known) return;
    const timer = setTimeout(() => {
      setKnown(typed);
      asked.current(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, known]);
  return (
    <label className="data-words">
      <span className="visually-hidden">{label}</span>
      <input
        ref={box}
        type="search"
        maxLength={200}
        placeholder={label}
        title={texts.searchHint}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}
