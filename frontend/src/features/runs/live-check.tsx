import { Problem, Skeleton } from "@/components/states";
import type { Check } from "@/queries/runs";
import { amount, figure } from "./format";
import { texts } from "./texts";

const t = texts.check;
const SUPPLY = Object.keys(t.supply) as (keyof Check["supply"] & keyof typeof t.supply)[];
const FORECAST = Object.keys(texts.amounts) as (keyof Check["forecast"] & keyof typeof texts.amounts)[];

interface LiveCheckProps {
  check: Check | undefined;
  /** Whether `check` is about earlier settings. */
  stale: boolean;
  /** Whether a setting is wrong, so that nothing was asked. */
  broken: boolean;
  problems: string[];
  error: unknown;
  retry: () => void;
}

/** What a launch would find: what is missing, what to know, the supply and the forecast. */
export function LiveCheck({ check, stale, broken, problems, error, retry }: LiveCheckProps) {
  return (
    <section className="card stack tight live-check" aria-label={t.title} aria-live="polite">
      <h2>{t.title}</h2>
      {broken && <p className="notice warn">{t.mend}</p>}
      {problems.map((problem) => (
        <p className="notice error" key={problem}>
          {problem}
        </p>
      ))}
      {error !== null && <Problem error={error} retry={retry} />}
      {check ? (
        <div className={stale || broken || problems.length > 0 ? "stack tight stale" : "stack tight"}>
          <Verdict check={check} hidden={broken || problems.length > 0} />
          <Numbers check={check} />
        </div>
      ) : (
        error === null && !broken && problems.length === 0 && <Skeleton lines={6} />
      )}
    </section>
  );
}

function Verdict({ check, hidden }: { check: Check; hidden: boolean }) {
  if (hidden) return null;
  return (
    <>
      {check.ok && <p className="notice good">{t.ok}</p>}
      {check.missing.map((sentence) => (
        <p className="notice error" key={sentence}>
          <strong>{t.missing}</strong> {sentence}
        </p>
      ))}
      {check.warnings.map((sentence) => (
        <p className="notice warn" key={sentence}>
          {sentence}
        </p>
      ))}
    </>
  );
}

function Numbers({ check }: { check: Check }) {
  return (
    <>
      <dl className="figures">
        {SUPPLY.map((name) => (
          <Figure key={name} name={t.supply[name]} value={amount(check.supply[name])} />
        ))}
      </dl>
      <h3>{t.forecast}</h3>
      <dl className="figures">
        {FORECAST.map((name) => (
          <Figure key={name} name={texts.amounts[name]} value={figure(name, check.forecast[name])} />
        ))}
      </dl>
      <p className="small muted">{t.rough}</p>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
