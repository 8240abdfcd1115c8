import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Chart } from "@/components/chart";
import { Problem, Skeleton } from "@/components/states";
import { align, lastStep, type Series } from "@/lib/series";
import { metricsQuery, type Run } from "@/queries/runs";
import { areasOf, type Meaning, type Plot } from "./curves";
import { texts } from "./texts";

const t = texts.run;

/** The curves of a run by area, with one cursor over all of them. */
export function CurveCharts({ run }: { run: Run }) {
  const [log, setLog] = useState(false);
  const metrics = useQuery(metricsQuery(run));
  const drawn = metrics.data !== undefined && Object.keys(metrics.data).length > 0;
  return (
    <section className="stack tight" aria-label={t.curves}>
      <div className="row apart">
        <h2>{t.curves}</h2>
        {drawn && (
          <span className="row small">
            {log && <span className="muted">{t.logHint}</span>}
            <button type="button" className="button small" aria-pressed={log} onClick={() => setLog(!log)}>
              {t.log}
            </button>
          </span>
        )}
      </div>
      {metrics.isError && <Problem error={metrics.error} retry={() => metrics.refetch()} />}
      {metrics.isPending && <Skeleton lines={6} />}
      {metrics.data && !drawn && <p className="card muted">{t.noCurves}</p>}
      {drawn && <Areas series={metrics.data} log={log} syncKey={`run-${run.id}`} />}
    </section>
  );
}

function Areas({ series, log, syncKey }: { series: Series; log: boolean; syncKey: string }) {
  const areas = useMemo(() => areasOf(series), [series]);
  const span: [number, number] = [0, Math.max(1, lastStep(series))];
  return (
    <div className="areas">
      {areas.map((area) => (
        <section
          key={area.name}
          className={area.plots.length > 1 ? "card area broad" : "card area"}
          aria-label={area.title}
        >
          <h3>{area.title}</h3>
          <div className="plots">
            {area.plots.map((plot) => (
              <PlotChart
                key={plot.key}
                label={area.title}
                plot={plot}
                span={span}
                log={log}
                syncKey={syncKey}
              />
            ))}
          </div>
          {area.meanings.length > 0 && <Meanings meanings={area.meanings} />}
        </section>
      ))}
    </div>
  );
}

function Meanings({ meanings }: { meanings: Meaning[] }) {
  return (
    <details className="meanings small">
      <summary className="muted">{texts.meaningsTitle}</summary>
      <dl>
        {meanings.map(({ labels, text }) => (
          <div key={labels}>
            <dt>{labels}</dt>
            <dd className="muted">{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

interface PlotProps {
  label: string;
  plot: Plot;
  span: [number, number];
  log: boolean;
  syncKey: string;
}

function PlotChart({ label, plot, span, log, syncKey }: PlotProps) {
  const { steps, lines } = useMemo(() => {
    const aligned = align(plot.curves.map((curve) => curve.points));
    const named = plot.curves.map((curve, index) => ({
      label: curve.label,
      values: aligned.columns[index] ?? [],
    }));
    return { steps: aligned.steps, lines: named };
  }, [plot]);
  return <Chart label={label} steps={steps} lines={lines} span={span} log={log} syncKey={syncKey} />;
}
