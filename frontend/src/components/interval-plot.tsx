import "./interval-plot.css";
import { texts } from "@/lib/texts";

interface IntervalPlotProps {
  mean: number;
  low: number;
  high: number;
  from: number;
  to: number;
  /** Where a line stands that means "no difference". */
  mark?: number | undefined;
  look?: "good" | "pen" | "";
}

const WIDTH = 140;
const HEIGHT = 18;

/** A mean and its interval on a fixed scale; with a scale around zero, zero is marked unless something else is. */
export function IntervalPlot({
  mean,
  low,
  high,
  from,
  to,
  mark = from < 0 ? 0 : undefined,
  look = "",
}: IntervalPlotProps) {
  const within = (value: number) => Math.min(to, Math.max(from, value));
  const x = (value: number) => 4 + ((within(value) - from) / (to - from)) * (WIDTH - 8);
  const middle = HEIGHT / 2;
  return (
    <svg
      className={`interval ${look}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={texts.interval(low.toFixed(2), high.toFixed(2))}
    >
      <line x1={4} x2={WIDTH - 4} y1={middle} y2={middle} className="axis" />
      {mark !== undefined && <line x1={x(mark)} x2={x(mark)} y1={1} y2={HEIGHT - 1} className="zero" />}
      <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} className="range" />
      <circle cx={x(mean)} cy={middle} r={4} className="mean" />
    </svg>
  );
}
