import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { movesQuery, useMoveAlias } from "@/queries/checkpoints";
import { useMayManage } from "@/queries/roles";
import { AliasBadges } from "./badges";
import { texts } from "./texts";

/** What an alias serves now, what it served before, and the way back. */
export function AliasCard({ project, alias }: { project: string; alias: Shapes["AliasShape"] }) {
  const [open, setOpen] = useState(false);
  const moves = useQuery({ ...movesQuery(project, alias.name), enabled: open });
  const move = useMoveAlias(project);
  const manages = useMayManage(project);
  const rollBack = (checkpoint_id: number) => move.mutate({ name: alias.name, checkpoint_id, reason: "" });
  return (
    <div className="card stack tight">
      <div className="row apart">
        <span className="row">
          <AliasBadges aliases={[alias.name]} />
          <span aria-hidden="true">→</span>
          <Link
            to="/$project/checkpoints/$checkpoint"
            params={{ project, checkpoint: String(alias.checkpoint.id) }}
          >
            <strong>{alias.checkpoint.name}</strong>
          </Link>
        </span>
        <span className="small muted">
          {texts.serves(alias.version, alias.moved_by, day(alias.moved_at))}
        </span>
      </div>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{texts.history}</summary>
        {moves.isLoading && <Skeleton />}
        {moves.error && <Problem error={moves.error} retry={() => moves.refetch()} />}
        <ol className="moves">
          {moves.data?.map((row) => (
            <li key={row.version} className="row apart">
              <span>
                {row.version}. {row.checkpoint.name}{" "}
                <span className="small muted">{texts.moved(row.moved_by, day(row.moved_at))}</span>
                {row.reason && <span className="reason small">{row.reason}</span>}
              </span>
              {row.version === alias.version && <span className="small muted">{texts.servedNow}</span>}
              {manages && row.checkpoint.id !== alias.checkpoint.id && (
                <button
                  type="button"
                  className="button small"
                  aria-label={texts.backTo(row.checkpoint.name, row.version)}
                  disabled={move.isPending}
                  onClick={() => rollBack(row.checkpoint.id)}
                >
                  {texts.back}
                </button>
              )}
            </li>
          ))}
        </ol>
      </details>
      {move.error && <Problem error={move.error} />}
    </div>
  );
}
