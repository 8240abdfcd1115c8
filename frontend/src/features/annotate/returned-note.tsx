import type { Assignment } from "@/queries/critiques";
import { texts } from "./texts";

/** What a reviewer asks the author to mend, where a critique was returned. */
export function ReturnedNote({ assignment: { critique, review } }: { assignment: Assignment }) {
  if (critique.review !== "returned" || !review) return null;
  return (
    <section className="notice warn returned-note" aria-label={texts.returned}>
      <h2>{texts.returnedBy(review.reviewer)}</h2>
      <p>{review.note}</p>
    </section>
  );
}
