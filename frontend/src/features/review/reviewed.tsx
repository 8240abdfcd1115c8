import { day } from "@/lib/format";
import type { Span } from "@/lib/spans";
import type { Assignment } from "@/queries/critiques";
import type { Reviewable } from "@/queries/reviews";
import { texts } from "./texts";

const LOOKS = {
  unreviewed: "badge",
  accepted: "badge good",
  returned: "badge warn",
  corrected: "badge good",
};

/** What became of a critique: its state, and what a reviewer said. */
export function StateBadges({ critique }: { critique: Pick<Reviewable, "state" | "review"> }) {
  return (
    <span className="row tight">
      {critique.review !== "returned" && <span className="badge">{texts.states[critique.state]}</span>}
      {critique.review !== "unreviewed" && (
        <span className={LOOKS[critique.review]}>{texts.reviews[critique.review]}</span>
      )}
    </span>
  );
}

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
