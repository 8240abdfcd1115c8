import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Author } from "@/components/author";
import { ratingText } from "@/components/rating";
import type { Found } from "@/queries/data";
import { texts } from "./texts";

interface RowProps {
  project: string;
  levels: number;
  found: Found;
  isCurrent: boolean;
  isSelected: boolean;
  onSelect: (withRange: boolean) => void;
}

/** One line of a list: what it says in two lines of text, and its facts beside it. */
export function Row({ project, levels, found, isCurrent, isSelected, onSelect }: RowProps) {
  const { id } = found.row;
  return (
    <div className="data-row" aria-current={isCurrent || undefined} data-selected={isSelected}>
      <input
        type="checkbox"
        aria-label={texts.select(id)}
        checked={isSelected}
        onChange={(event) => onSelect((event.nativeEvent as MouseEvent).shiftKey)}
      />
      <Said project={project} found={found} />
      <Facts found={found} levels={levels} />
    </div>
  );
}

function Said({ project, found }: { project: string; found: Found }) {
  if (found.list === "critiques") {
    const { row } = found;
    return (
      <div className="data-said">
        <Link to="/$project/review/$critique" params={{ project, critique: String(row.id) }} className="line">
          {row.text || texts.noText}
        </Link>
        <span className="line small muted">
          {row.prompt_text} → {row.answer_text}
        </span>
      </div>
    );
  }
  const second = found.list === "rollouts" ? found.row.prompt_text : null;
  return (
    <div className="data-said">
      <span className="line">{found.row.text || texts.noText}</span>
      {second && <span className="line small muted">{second}</span>}
    </div>
  );
}

function Facts({ found, levels }: { found: Found; levels: number }) {
  return <div className="data-facts small">{factsOf(found, levels)}</div>;
}

function factsOf(found: Found, levels: number): ReactNode {
  if (found.list === "critiques") {
    const { row } = found;
    return (
      <>
        <Author author={row.author} />
        <span className="muted">{row.state}</span>
        {row.rating !== null && <span>{ratingText(row.rating, levels)}</span>}
        {row.spans > 0 && <span className="muted">{texts.spans(row.spans)}</span>}
        <Tags tags={row.tags} />
      </>
    );
  }
  const { row } = found;
  return (
    <>
      <span className="badge">{row.split}</span>
      {found.list === "rollouts" ? (
        <>
          <span className="muted">{found.row.checkpoint}</span>
          <span className="muted">{texts.critiques(found.row.critiques)}</span>
          {found.row.spread !== null && <span>{texts.apart(found.row.spread)}</span>}
        </>
      ) : (
        <span className="muted">{texts.attempts(found.row.attempts)}</span>
      )}
      <Tags tags={row.tags} />
    </>
  );
}

function Tags({ tags }: { tags: string[] }) {
  return tags.map((tag) => (
    <span key={tag} className="badge">
      # {tag}
    </span>
  ));
}
