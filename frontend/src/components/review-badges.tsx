import { texts } from "@/lib/texts";
import type { FoundCritique } from "@/queries/data";

const LOOKS = {
  unreviewed: "badge",
  accepted: "badge good",
  returned: "badge warn",
  corrected: "badge good",
};

/** What became of a critique: its state, and what a reviewer said. */
export function ReviewBadges({ critique }: { critique: Pick<FoundCritique, "state" | "review"> }) {
  return (
    <span className="row tight">
      {critique.review !== "returned" && (
        <span className="badge">{texts.critique.states[critique.state]}</span>
      )}
      {critique.review !== "unreviewed" && (
        <span className={LOOKS[critique.review]}>{texts.critique.reviews[critique.review]}</span>
      )}
    </span>
  );
}
