import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Facts } from "@/components/found/facts";
import { FoundList } from "@/components/found/found-list";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { useWalk } from "@/lib/use-walk";
import { useGrowing } from "@/queries/growing";
import { projectQuery } from "@/queries/projects";
import { type ContestedAnswer, contestedQuery } from "@/queries/reviews";
import "./review.css";
import { Tabs } from "./tabs";
import { texts } from "./texts";

const words = texts.adjudicate;

interface ContestedProps {
  project: string;
  /** Settled answers too. */
  all: boolean;
  onAll: (all: boolean) => void;
}

/** Answers that several critiqued, as one list of any length; unless all are asked for, those not settled. */
export function Contested({ project, all, onAll }: ContestedProps) {
  const { query, rows, more } = useGrowing(useInfiniteQuery(contestedQuery(project, !all)));
  const ids = useMemo(() => rows.map((row) => row.rollout_id), [rows]);
  const walk = useWalk(rows.length);
  const levels = useQuery(projectQuery(project)).data?.rating_levels ?? 5;
  return (
    <Page title={words.title} about={words.about} actions={<Choice all={all} onAll={onAll} />}>
      <Tabs project={project} />
      {query.error && <Problem error={query.error} retry={() => query.refetch()} />}
      {query.isPending && <Skeleton lines={8} />}
      {query.data && rows.length === 0 && <Nothing project={project} />}
      {rows.length > 0 && (
        <FoundList
          label={words.list}
          ids={ids}
          walk={walk}
          hasMore={query.hasNextPage}
          onEnd={more}
          keys={words.listKeys}
        >
          {(place) => {
            const row = rows[place];
            return (
              row && <Row project={project} levels={levels} row={row} isCurrent={walk.current === place} />
            );
          }}
        </FoundList>
      )}
    </Page>
  );
}

function Choice({ all, onAll }: { all: boolean; onAll: (all: boolean) => void }) {
  return (
    <fieldset className="row choice" aria-label={texts.state}>
      {[false, true].map((each) => (
        <button
          key={String(each)}
          type="button"
          className="button small"
          aria-pressed={all === each}
          onClick={() => onAll(each)}
        >
          {each ? words.all : words.open}
        </button>
      ))}
    </fieldset>
  );
}

function Nothing({ project }: { project: string }) {
  return (
    <Empty title={words.none}>
      <p>{words.noneWhy}</p>
      <Link className="button primary" to="/$project/project" params={{ project }}>
        {words.project}
      </Link>
    </Empty>
  );
}

interface RowProps {
  project: string;
  levels: number;
  row: ContestedAnswer;
  isCurrent: boolean;
}

function Row({ project, levels, row, isCurrent }: RowProps) {
  return (
    <div className="data-row" aria-current={isCurrent || undefined}>
      <Link
        to="/$project/review/answers/$rollout"
        params={{ project, rollout: String(row.rollout_id) }}
        className="data-said"
      >
        <span className="line">{row.prompt_text}</span>
        <span className="line small muted">{row.answer_text || texts.noText}</span>
      </Link>
      <Facts>
        {row.accepted > 0 && <span className="badge good">{words.settled}</span>}
        <span className="muted">{words.count(row.critiques)}</span>
        {row.lowest !== null && row.highest !== null && (
          <span>{words.rated(row.lowest, row.highest, levels)}</span>
        )}
      </Facts>
    </div>
  );
}
