import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem, Skeleton } from "@/components/states";
import { duration } from "@/lib/format";
import { isActive, jobsQuery, pollWhile } from "@/queries/jobs";
import { progressQuery } from "@/queries/projects";
import { texts } from "./texts";

const t = texts.tiles;
const SPLITS = ["train", "probe", "eval"] as const;
const KINDS = ["annotator", "verifier", "judge"] as const;

/** How far the collection is: prompts, first attempts, critiques. */
export function Tiles({ project }: { project: string }) {
  const active = useQuery(jobsQuery(project)).data?.some(isActive);
  const progress = useQuery({ ...progressQuery(project), refetchInterval: pollWhile(active) });
  if (progress.isError) return <Problem error={progress.error} retry={() => progress.refetch()} />;
  if (!progress.data) return <Waiting />;
  const { prompts, attempts, redrafts, critiques, to_annotate, seconds_left } = progress.data;
  return (
    <div className="tiles">
      <Tile name={t.prompts} figure={sum(prompts)}>
        {SPLITS.map((split) => (
          <span key={split}>
            {prompts[split] ?? 0} {t.splits[split]}
          </span>
        ))}
      </Tile>
      <Tile name={t.attempts} figure={attempts}>
        <span>
          {attempts === 0 ? t.noAttempts : to_annotate > 0 ? t.toAnnotate(to_annotate) : t.allAnnotated}
        </span>
        {to_annotate > 0 && seconds_left !== null && <span>{t.atThisPace(duration(seconds_left))}</span>}
      </Tile>
      <Tile name={t.critiques} figure={sum(critiques)}>
        {KINDS.map((kind) => (
          <span key={kind}>
            {critiques[kind] ?? 0} {t.kinds[kind]}
          </span>
        ))}
        <span>{t.redrafts(redrafts)}</span>
      </Tile>
    </div>
  );
}

function Tile({ name, figure, children }: { name: string; figure: number; children: ReactNode }) {
  return (
    <section className="card" aria-label={name}>
      <h2>{name}</h2>
      <span className="figure">{figure}</span>
      <div className="parts">{children}</div>
    </section>
  );
}

function Waiting() {
  return (
    <div className="tiles">
      {[t.prompts, t.attempts, t.critiques].map((name) => (
        <div className="card" key={name}>
          <h2>{name}</h2>
          <Skeleton lines={2} />
        </div>
      ))}
    </div>
  );
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
