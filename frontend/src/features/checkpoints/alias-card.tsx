import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { movesQuery, useMoveAlias } from "@/queries/checkpoints";
import { useMayManage } from "@/queries/roles";
import { texts } from "./texts";

/** What an alias serves now, what it served before, and the way back. */
export function AliasCard({ project, alias }: { project: string; alias: Shapes["AliasShape"] }) {
  const [open, setOpen] = useState(false);
  const moves = useQuery({ ...movesQuery(project, alias.name), enabled: open });
  const move = useMoveAlias(project);
  const manages = useMayManage(project);
  return (
    <div className="card stack tight">
      <div className="row apart">
        <span className="row">
          <span className="badge good">{alias.name}</span> → <strong>{alias.checkpoint.name}</strong>
        </span>
        <span className="small muted">
          {texts.serves(alias.version, alias.moved_by ?? "–", day(alias.moved_at))}
        </span>
      </div>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{texts.history}</summary>
        <ol className="moves">
          {moves.data?.map((row) => (
            <li key={row.version} className="row apart">
              <span>
                {row.version}. {row.checkpoint.name}{" "}
                <span className="small muted">
                  {row.moved_by} · {day(row.moved_at)} {row.reason && `· ${row.reason}`}
                </span>
              </span>
              {manages && row.checkpoint.id !== alias.checkpoint.id && (
                <button
                  type="button"
                  className="button small"
                  disabled={move.isPending}
                  onClick={() =>
                    move.mutate({ name: alias.name, checkpoint_id: row.checkpoint.id, reason: "" })
                  }
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
