import type { Shapes } from "@/lib/api";

const KINDS: readonly Shapes["AuthorKind"][] = ["annotator", "verifier", "judge"];
const STATES: readonly Shapes["CritiqueState"][] = ["draft", "submitted", "skipped", "discarded", "deleted"];
const REVIEWS: readonly Shapes["ReviewState"][] = ["unreviewed", "accepted", "returned", "corrected"];

export interface ReviewFilter {
  author_kind?: Shapes["AuthorKind"] | undefined;
  state?: Shapes["CritiqueState"] | undefined;
  review?: Shapes["ReviewState"] | undefined;
}

/** The filter that an address asks for; what it says wrongly is left out. */
export function readReviewFilter(search: Record<string, unknown>): ReviewFilter {
  return {
    author_kind: KINDS.find((kind) => kind === search.author_kind),
    state: STATES.find((state) => state === search.state),
    review: REVIEWS.find((review) => review === search.review),
  };
}
