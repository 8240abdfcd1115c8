import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Diff } from "@/components/diff";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { guidelineQuery, guidelineVersionsQuery } from "@/queries/guidelines";
import { texts } from "./texts";

/** What the guidelines said before: every version, and the differences between any two. */
export function GuidelineVersions({ project }: { project: string }) {
  const versions = useQuery(guidelineVersionsQuery(project));
  const [older, setOlder] = useState<number | null>(null);
  const [newer, setNewer] = useState<number | null>(null);
  const newest = versions.data?.[0]?.number ?? 0;
  const from = older ?? Math.max(0, newest - 1);
  const to = newer ?? newest;
  const numbers = Array.from({ length: newest + 1 }, (_, number) => newest - number);
  return (
    <section className="card stack" aria-labelledby="guideline-versions">
      <h2 id="guideline-versions">{texts.guidelineVersions}</h2>
      {versions.isPending && <Skeleton />}
      {versions.error && <Problem error={versions.error} retry={() => versions.refetch()} />}
      {versions.data?.length === 0 && <p className="small muted">{texts.noGuidelines}</p>}
      {newest > 0 && (
        <>
          <ul className="lines guideline-versions">
            {versions.data?.map((version) => (
              <li key={version.number} className="row apart small">
                <strong>{texts.guidelineVersion(version.number)}</strong>
                <span className="muted">
                  {version.author ?? texts.system} · {day(version.created_at)}
                </span>
              </li>
            ))}
          </ul>
          <details>
            <summary>{texts.compareGuidelines}</summary>
            <div className="stack tight guidelines">
              <div className="row">
                <Pick label={texts.compareFrom} numbers={numbers} value={from} onChange={setOlder} />
                <Pick label={texts.compareTo} numbers={numbers} value={to} onChange={setNewer} />
              </div>
              <Compared project={project} from={from} to={to} />
            </div>
          </details>
        </>
      )}
    </section>
  );
}

interface PickProps {
  label: string;
  numbers: readonly number[];
  value: number;
  onChange: (number: number) => void;
}

function Pick({ label, numbers, value, onChange }: PickProps) {
  return (
    <label className="row small">
      {label}
      <select className="narrow" value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {numbers.map((number) => (
          <option key={number} value={number}>
            {number === 0 ? texts.guidelineNone : texts.guidelineVersion(number)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Compared({ project, from, to }: { project: string; from: number; to: number }) {
  const before = useQuery(guidelineQuery(project, from));
  const after = useQuery(guidelineQuery(project, to));
  const error = before.error ?? after.error;
  if (error) return <Problem error={error} />;
  if (before.data === undefined || after.data === undefined) return <Skeleton />;
  return <Diff from={before.data} to={after.data} />;
}
