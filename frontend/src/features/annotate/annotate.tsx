import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import "@/components/desk.css";
import { Empty, Problem, Skeleton } from "@/components/states";
import { nextQuery } from "@/queries/critiques";
import { progressQuery } from "@/queries/projects";
import "./annotate.css";
import { Desk } from "./desk";
import { texts } from "./texts";
import { UndoLine } from "./undo-line";
import { type Left, useUndo } from "./use-undo";

/** The annotator's page: the next answer, or what to do when there is none; and the way back to the last one. */
export function Annotate({ project }: { project: string }) {
  const queries = useQueryClient();
  const advance = useCallback(async () => {
    await queries.resetQueries({ queryKey: nextQuery(project).queryKey });
    await queries.invalidateQueries({ queryKey: progressQuery(project).queryKey });
  }, [queries, project]);
  const undo = useUndo(advance);
  const { offer } = undo;
  const goOn = useCallback(
    async (left?: Left) => {
      offer(left ?? null);
      await advance();
    },
    [offer, advance],
  );
  return (
    <>
      <Next project={project} onAdvance={goOn} />
      <UndoLine {...undo} />
    </>
  );
}

interface NextProps {
  project: string;
  onAdvance: (left?: Left) => Promise<void>;
}

function Next({ project, onAdvance }: NextProps) {
  const next = useQuery(nextQuery(project));
  const progress = useQuery(progressQuery(project));
  const counts = progress.data
    ? texts.progress(progress.data.mine_submitted, progress.data.mine_to_do, progress.data.mine_to_do_is_more)
    : "";
  if (next.isPending) {
    return (
      <main className="page" id="content">
        <Skeleton lines={8} />
      </main>
    );
  }
  if (next.error || !next.data) {
    return (
      <main className="page" id="content">
        <h1>{texts.title}</h1>
        {next.error ? (
          <Problem error={next.error} retry={() => next.refetch()} />
        ) : (
          <Empty title={texts.nothing}>
            <p>{texts.nothingWhy}</p>
            <p className="muted">{counts}</p>
            <div className="row">
              <button type="button" className="button" onClick={() => next.refetch()}>
                {texts.next}
              </button>
              <Link className="button quiet" to="/$project/prompts" params={{ project }}>
                {texts.exit}
              </Link>
            </div>
          </Empty>
        )}
      </main>
    );
  }
  return (
    <Desk
      key={`${next.data.critique.id}-${next.data.critique.state}`}
      project={project}
      assignment={next.data}
      counts={counts}
      onAdvance={onAdvance}
    />
  );
}
