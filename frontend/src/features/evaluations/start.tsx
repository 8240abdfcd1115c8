import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "@/components/states";
import { checkpointsQuery } from "@/queries/checkpoints";
import { useEvaluate } from "@/queries/evaluations";
import { texts } from "./texts";

/** Choose a published checkpoint and evaluate it. */
export function Start({ project }: { project: string }) {
  const checkpoints = useQuery(checkpointsQuery(project));
  const evaluate = useEvaluate(project);
  const [checkpoint, setCheckpoint] = useState("");
  const published = checkpoints.data?.filter((found) => found.state === "published") ?? [];
  const chosen = checkpoint || String(published[0]?.id ?? "");
  const start = (event: FormEvent) => {
    event.preventDefault();
    evaluate.mutate(Number(chosen));
  };
  return (
    <section className="card stack tight" aria-labelledby="start">
      <h2 id="start">{texts.start}</h2>
      <form className="row" onSubmit={start}>
        <label className="row">
          {texts.checkpoint}
          <select
            className="narrow"
            value={chosen}
            disabled={published.length === 0}
            onChange={(event) => setCheckpoint(event.target.value)}
          >
            {published.map((found) => (
              <option key={found.id} value={found.id}>
                {[found.name, ...found.aliases].join(" · ")}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={!chosen || evaluate.isPending}>
          {texts.run}
        </button>
        {checkpoints.data && published.length === 0 && (
          <span className="small muted">{texts.nothingPublished}</span>
        )}
      </form>
      {checkpoints.error && <Problem error={checkpoints.error} retry={() => checkpoints.refetch()} />}
      {evaluate.error && <Problem error={evaluate.error} />}
    </section>
  );
}
