import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { type Checkpoint, PRODUCTION, useMoveAlias } from "@/queries/checkpoints";
import { texts } from "./texts";

interface PromoteProps {
  project: string;
  checkpoint: Checkpoint;
  green: boolean;
  /** Whether it was served before: then going back needs no gate. */
  before: boolean;
}

/** Promotion where the gate is green, the way back where it was served before, or a reason. */
export function Promote({ project, checkpoint, green, before }: PromoteProps) {
  const move = useMoveAlias(project);
  const [reason, setReason] = useState("");
  const published = checkpoint.state === "published";
  const promote = (why: string) =>
    move.mutate({ name: PRODUCTION, checkpoint_id: checkpoint.id, reason: why });
  const insist = (event: FormEvent) => {
    event.preventDefault();
    promote(reason.trim());
  };
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={!published || !(green || before) || move.isPending}
          onClick={() => promote("")}
        >
          {before ? texts.again : texts.promote}
        </button>
        {before && <span className="small muted">{texts.againWhy}</span>}
        {green && !before && <span className="small muted">{texts.green}</span>}
      </div>
      {published && !green && !before && (
        <details>
          <summary>{texts.anyway}</summary>
          <form className="stack tight" onSubmit={insist}>
            <Field label={texts.reason} hint={texts.reasonHint}>
              {(ids) => (
                <textarea
                  {...ids}
                  required
                  rows={2}
                  maxLength={1000}
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                />
              )}
            </Field>
            <div>
              <button type="submit" className="button" disabled={!reason.trim() || move.isPending}>
                {texts.anywayDo}
              </button>
            </div>
          </form>
        </details>
      )}
      {move.error && <Problem error={move.error} />}
    </>
  );
}
