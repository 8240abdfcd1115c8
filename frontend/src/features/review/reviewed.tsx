import { day } from "@/lib/format";
import type { Span } from "@/lib/spans";
import type { Assignment } from "@/queries/critiques";
import type { Reviewable } from "@/queries/reviews";
import { texts } from "./texts";

/** Who reviewed a critique, when, with which note. */
export function LastReview({ review, state }: { review: Assignment["review"]; state: Reviewable["review"] }) {
  if (!review || review.verdict !== state) return null;
  const said = { accepted: texts.acceptedBy, returned: texts.returnedBy, corrected: texts.correctedBy };
  const by = review.verdict === "unreviewed" ? null : said[review.verdict];
  return (
    <p className="small muted">
      {by?.(review.reviewer, day(review.created_at))}
      {review.note && `: ${review.note}`}
    </p>
  );
}

/** The spans of what a critique says now. */
export function spansOf(critique: Reviewable): readonly Span[] {
  return (critique.revision ?? critique.draft).spans ?? [];
}
