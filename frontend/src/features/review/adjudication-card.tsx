import { Link } from "@tanstack/react-router";
import { Author } from "@/components/author";
import { Diff } from "@/components/diff";
import { ratingText } from "@/components/rating";
import { ReviewBadges } from "@/components/review-badges";
import { SpanList } from "@/components/span-list";
import { useKeys } from "@/lib/use-keys";
import type { Adjudication } from "@/queries/reviews";
import type { Drawn } from "./drawn";
import { ReviewBar, useReviewing } from "./review-bar";
import { texts } from "./texts";

interface AdjudicationCardProps {
  project: string;
  critique: Adjudication["critiques"][number];
  answer: string;
  drawn: Drawn | undefined;
  levels: number;
  tags: readonly string[];
  isCurrent: boolean;
  onChoose: () => void;
}

/** One critique among others: who, which rating, what and where; the current one listens to the keys. */
export function AdjudicationCard(props: AdjudicationCardProps) {
  const { project, critique, answer, drawn, levels, isCurrent, onChoose } = props;
  const said = critique.revision ?? critique.draft;
  const reviewing = useReviewing({ critique, isMine: critique.is_mine });
  useKeys(isCurrent ? { A: reviewing.accept, R: reviewing.giveBack, C: reviewing.correct } : {});
  return (
    <article
      id={`critique-${critique.id}`}
      className="card stack tight adjudicated"
      aria-current={isCurrent}
      aria-label={`${texts.critique}: ${critique.author.name}`}
      onFocus={onChoose}
      onPointerDown={onChoose}
    >
      <div className="row apart">
        <span className="row tight">
          {drawn && drawn.spans.length > 0 && (
            <span className="swatch" data-looks={drawn.look} aria-hidden="true" translate="no">
              ab
            </span>
          )}
          <Author author={critique.author} />
        </span>
        <ReviewBadges critique={critique} />
      </div>
      <p className="rating-said">
        {texts.rating}: <strong>{ratingText(said.rating ?? null, levels)}</strong>
      </p>
      <p className="paper">{said.text || texts.noText}</p>
      {drawn && drawn.spans.length > 0 && <SpanList spans={drawn.spans} first={drawn.first} />}
      {said.tags && said.tags.length > 0 && (
        <ul className="plain-list row" aria-label={texts.tags}>
          {said.tags.map((tag) => (
            <li key={tag} className="badge">
              {tag}
            </li>
          ))}
        </ul>
      )}
      {said.edit && (
        <>
          <h3>{texts.edit}</h3>
          <Diff from={answer} to={said.edit} />
        </>
      )}
      <div className="adjudicated-end stack tight">
        <ReviewBar
          critique={critique}
          isMine={critique.is_mine}
          levels={levels}
          tags={props.tags}
          reviewing={reviewing}
          withKeys={isCurrent}
        />
        <Link
          className="small"
          to="/$project/review/$critique"
          params={{ project, critique: String(critique.id) }}
        >
          {texts.history}
        </Link>
      </div>
    </article>
  );
}
