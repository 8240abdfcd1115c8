import { useState } from "react";
import { Problem } from "@/components/states";
import { type Reviewable, useReview } from "@/queries/reviews";
import { CorrectionForm } from "./correction-form";
import { ReturnForm } from "./return-form";
import { texts } from "./texts";

interface Reviewed {
  critique: Reviewable;
  isMine: boolean;
  levels: number;
  tags: readonly string[];
}

/** The three things a reviewer may do with a critique, and the dialog that is open for it. */
export function useReviewing({ critique, isMine }: Pick<Reviewed, "critique" | "isMine">) {
  const [open, setOpen] = useState<"return" | "correct" | null>(null);
  const review = useReview(critique);
  const mayReview = !isMine && critique.state === "submitted";
  const mayReturn = mayReview && critique.author.kind === "annotator";
  return {
    review,
    open,
    close: () => setOpen(null),
    mayReview,
    mayReturn,
    accept: () => mayReview && !review.isPending && review.mutate({ verdict: "accept" }),
    giveBack: () => mayReturn && setOpen("return"),
    correct: () => mayReview && setOpen("correct"),
  };
}

export type Reviewing = ReturnType<typeof useReviewing>;

interface ReviewBarProps extends Reviewed {
  reviewing: Reviewing;
  withKeys: boolean;
}

/** Accept, return, correct; or why not. */
export function ReviewBar({ critique, isMine, levels, tags, reviewing, withKeys }: ReviewBarProps) {
  const { review, open, close, mayReview, mayReturn } = reviewing;
  const key = (name: string) => withKeys && <span className="keycap">{name}</span>;
  if (!mayReview) {
    return <p className="small muted">{isMine ? texts.mine : texts.onlySubmitted}</p>;
  }
  return (
    <>
      <div className="row review-bar">
        <button
          type="button"
          className="button primary"
          onClick={reviewing.accept}
          disabled={critique.review === "accepted" || review.isPending}
        >
          {texts.accept} {key("A")}
        </button>
        {mayReturn && (
          <button type="button" className="button" onClick={reviewing.giveBack}>
            {texts.giveBack} {key("R")}
          </button>
        )}
        <button type="button" className="button" onClick={reviewing.correct}>
          {texts.correct} {key("C")}
        </button>
      </div>
      {review.error && open === null && <Problem error={review.error} />}
      {open === "return" && <ReturnForm review={review} onClose={close} />}
      {open === "correct" && (
        <CorrectionForm critique={critique} levels={levels} tags={tags} review={review} onClose={close} />
      )}
    </>
  );
}
