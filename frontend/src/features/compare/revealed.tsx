import { useEffect, useRef } from "react";
import type { Origin } from "@/queries/comparisons";
import { texts } from "./texts";

/** Who wrote which, once somebody has answered. */
export function Revealed({ choice, origin }: { choice: number | null; origin: Origin }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <section ref={box} tabIndex={-1} className="card stack tight verdict" aria-label={texts.origin}>
      <h2>{texts.origin}</h2>
      <p>
        {texts.first}: <b>{origin.left.name}</b> · {texts.second}: <b>{origin.right.name}</b>
      </p>
      {choice !== null && <p className="muted">{texts.strengths[choice - 1]}</p>}
    </section>
  );
}
