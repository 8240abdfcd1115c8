import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import { score } from "@/lib/format";
import { type Run, type Sample, samplesQuery } from "@/queries/runs";
import { humanise } from "./schema";
import { texts } from "./texts";

const t = texts.run;

/** Answers to one probe prompt after different steps, side by side. */
export function Samples({ run }: { run: Run }) {
  const samples = useQuery(samplesQuery(run));
  const [chosen, setChosen] = useState<number | null>(null);
  const all = samples.data ?? [];
  const prompts = [...new Map(all.map((sample) => [sample.prompt_id, sample.prompt_text]))];
  const prompt = chosen ?? prompts[0]?.[0];
  return (
    <section className="stack tight" aria-label={t.samples}>
      <div>
        <h2>{t.samples}</h2>
        <p className="small muted">{t.samplesWhy}</p>
      </div>
      {samples.isError && <Problem error={samples.error} retry={() => samples.refetch()} />}
      {samples.isPending && <Skeleton lines={4} />}
      {samples.data && prompts.length === 0 && <p className="card muted">{t.noSamples}</p>}
      {prompts.length > 0 && (
        <>
          <Field label={t.prompt}>
            {(ids) => (
              <select {...ids} value={prompt} onChange={(event) => setChosen(Number(event.target.value))}>
                {prompts.map(([id, text]) => (
                  <option key={id} value={id}>
                    {text}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard */}
          <ol className="answers" tabIndex={0}>
            {all
              .filter((sample) => sample.prompt_id === prompt)
              .sort((a, b) => a.step - b.step)
              .map((sample) => (
                <Answer key={sample.step} sample={sample} />
              ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Answer({ sample }: { sample: Sample }) {
  return (
    <li className="card">
      <h3>
        {humanise("step")} {sample.step}
        {sample.step === 0 && <span className="muted"> · {t.before}</span>}
      </h3>
      <p className="paper">{sample.text}</p>
      <div className="row scores">
        {Object.entries(sample.scores).map(([name, value]) => (
          <span className="badge" key={name}>
            {name.replaceAll("_", " ")} {typeof value === "number" ? score(value) : String(value)}
          </span>
        ))}
      </div>
    </li>
  );
}
