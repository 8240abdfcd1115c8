import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Author } from "@/components/author";
import { ratingText } from "@/components/rating";
import { ReviewBadges } from "@/components/review-badges";
import type { Selection } from "@/lib/use-selection";
import type { Found, FoundCritique, FoundPrompt, FoundRollout } from "@/queries/data";
import { Facts } from "./facts";
import { PromptDetails } from "./prompt-details";
import { texts } from "./texts";

interface RowProps {
  project: string;
  levels: number;
  found: Found;
  isCurrent: boolean;
  select?: { isSelected: boolean; at: number; selection: Selection } | undefined;
}

/** One line of a list: what it says in two lines of text, and its facts beside it. */
export function Row({ project, levels, found, isCurrent, select }: RowProps) {
  return (
    <div className="data-row" aria-current={isCurrent || undefined} data-selected={select?.isSelected}>
      {select && (
        <input
          type="checkbox"
          aria-label={texts.select(found.row.id)}
          checked={select.isSelected}
          onChange={(event) => select.selection.toggle(select.at, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      )}
      {found.list === "critiques" && <CritiqueRow project={project} levels={levels} row={found.row} />}
      {found.list === "rollouts" && <RolloutRow project={project} levels={levels} row={found.row} />}
      {found.list === "prompts" && <PromptRow row={found.row} />}
    </div>
  );
}

function CritiqueRow({ project, levels, row }: { project: string; levels: number; row: FoundCritique }) {
  return (
    <>
      <Link
        to="/$project/review/$critique"
        params={{ project, critique: String(row.id) }}
        className="data-said"
      >
        <span className="line">{row.text || texts.noText}</span>
        <span className="line small muted">
          {row.prompt_text} → {row.answer_text}
        </span>
      </Link>
      <Facts tags={row.tags}>
        <Author author={row.author} />
        <ReviewBadges critique={row} />
        {row.rating !== null && <span>{ratingText(row.rating, levels)}</span>}
        {row.spans > 0 && <span className="muted">{texts.spans(row.spans)}</span>}
      </Facts>
    </>
  );
}

function RolloutRow({ project, levels, row }: { project: string; levels: number; row: FoundRollout }) {
  return (
    <>
      <div className="data-said">
        <span className="line">{row.text || texts.noText}</span>
        <span className="line small muted">{row.prompt_text}</span>
      </div>
      <Facts tags={row.tags}>
        <span className="badge">{row.split}</span>
        <span className="muted">{row.checkpoint}</span>
        {row.critiques > 0 ? (
          <Link to="/$project/review/answers/$rollout" params={{ project, rollout: String(row.id) }}>
            {texts.critiques(row.critiques)}
          </Link>
        ) : (
          <span className="muted">{texts.critiques(0)}</span>
        )}
        {row.spread !== null && <span>{texts.apart(row.spread, levels)}</span>}
      </Facts>
    </>
  );
}

function PromptRow({ row }: { row: FoundPrompt }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <details className="data-said" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="line">{row.text || texts.noText}</summary>
        {isOpen && <PromptDetails id={row.id} />}
      </details>
      <Facts tags={row.tags}>
        <span className="badge">{row.split}</span>
        <span className="muted">{texts.attempts(row.attempts)}</span>
        <span className="muted">{texts.critiques(row.critiques)}</span>
      </Facts>
    </>
  );
}
