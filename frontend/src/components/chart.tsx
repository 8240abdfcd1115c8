import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./chart.css";

export interface Line {
  label: string;
  values: (number | null)[];
}

interface ChartProps {
  /** Said to screen readers, with the last value of every line. */
  label: string;
  steps: number[];
  lines: Line[];
  /** The steps that the axis spans, so that neighbouring charts line up. */
  span: [number, number];
  /** Logarithmic, unless nothing is above 0. */
  log?: boolean;
  /** Charts with the same key move their cursors together. */
  syncKey: string;
  height?: number;
}

const COLOURS = 5;
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3]];

/** Curves over steps: colours from the theme, one cursor over all charts of a page, values read out above. */
export function Chart({ label, steps, lines, span, log: wanted = false, syncKey, height = 150 }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const readouts = useRef<(HTMLOutputElement | null)[]>([]);
  const theme = useThemeCount();
  const log = wanted && lines.some((line) => line.values.some((value) => value !== null && value > 0));
  const names = lines.map((line) => line.label).join("\n");
  const data = useMemo(
    () => [steps, ...lines.map((line) => (log ? positive(line.values) : line.values))] as uPlot.AlignedData,
    [steps, lines, log],
  );
  const newest = useRef({ data, span });
  newest.current = { data, span };

  useLayoutEffect(() => {
    const holder = box.current;
    if (!holder) return;
    const made = new uPlot(
      {
        width: holder.clientWidth,
        height,
        legend: { show: false },
        padding: [8, 8, 0, 0],
        cursor: { sync: { key: syncKey }, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: () => newest.current.span },
          y: log ? { distr: 3 } : { range: yRange },
        },
        axes: axes(holder),
        series: [{}, ...names.split("\n").map((name, index) => lineLook(holder, name, index))],
        hooks: { setCursor: [(chart) => readOut(chart, readouts.current)] },
      },
      newest.current.data,
      holder,
    );
    readOut(made, readouts.current);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: holder.clientWidth, height }));
    resized.observe(holder);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, log, height, syncKey, theme]);

  useEffect(() => {
    const made = plot.current;
    if (!made || made.data === data) return;
    made.setData(data);
    readOut(made, readouts.current);
  }, [data]);

  return (
    <figure className="chart">
      <figcaption>
        {lines.map((line, index) => (
          <span key={line.label}>
            <Swatch index={index} />
            {line.label}
            <output
              ref={(element) => {
                readouts.current[index] = element;
              }}
              aria-live="off"
            />
          </span>
        ))}
      </figcaption>
      <div ref={box} role="img" aria-label={`${label}: ${spoken(lines)}`} style={{ minHeight: height }} />
    </figure>
  );
}

function Swatch({ index }: { index: number }) {
  const dash = DASHES[index % DASHES.length]?.join(" ");
  return (
    <svg viewBox="0 0 18 8" aria-hidden="true">
      <line
        x1="0"
        y1="4"
        x2="18"
        y2="4"
        strokeWidth="2"
        style={{ stroke: `var(${colourName(index)})`, ...(dash ? { strokeDasharray: dash } : {}) }}
      />
    </svg>
  );
}

const colourName = (index: number) => `--chart-${(index % COLOURS) + 1}`;

function colour(holder: Element, name: string): string {
  return getComputedStyle(holder).getPropertyValue(name).trim();
}

function lineLook(holder: Element, label: string, index: number): uPlot.Series {
  const stroke = colour(holder, colourName(index));
  return {
    label,
    stroke,
    width: 1.75,
    dash: DASHES[index % DASHES.length] ?? [],
    spanGaps: true,
    points: { size: 5, fill: stroke },
  };
}

const Y_PADDING = 0.1;

/** Room around the values; all zeros stand at the bottom of 0 to 1. */
function yRange(_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null || (low === 0 && high === 0)) return [0, 1];
  return uPlot.rangeNum(low, high, Y_PADDING, true);
}

function axes(holder: Element): uPlot.Axis[] {
  const stroke = colour(holder, "--ink-3");
  const line = { stroke: colour(holder, "--line"), width: 1 };
  const font = `12px ${colour(holder, "--ui")}`;
  const shared = { stroke, font, grid: line, ticks: { ...line, size: 4 } };
  return [
    { ...shared, size: 28, space: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] },
    {
      ...shared,
      size: 52,
      space: 28,
      values: (_, ticks) => ticks.map((tick) => (tick == null ? "" : short(tick))),
    },
  ];
}

/** The value under the cursor, or the last one. */
function readOut(chart: uPlot, readouts: (HTMLOutputElement | null)[]): void {
  const at = chart.cursor.idx;
  readouts.forEach((readout, index) => {
    if (!readout) return;
    const values = chart.data[index + 1] ?? [];
    const value = at == null ? last(values) : values[at];
    readout.textContent = value == null ? "–" : short(value);
  });
}

const last = (values: ArrayLike<number | null | undefined>) =>
  Array.from(values).findLast((value) => value != null) ?? null;

const positive = (values: (number | null)[]) =>
  values.map((value) => (value !== null && value > 0 ? value : null));

const spoken = (lines: Line[]) =>
  lines.map((line) => `${line.label} ${short(last(line.values) ?? Number.NaN)}`).join(", ");

/** A number in few characters: "0.42", "1.5e-4", "12k". */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`;
  if (size !== 0 && size < 0.001) return value.toExponential(1).replace(".0e", "e");
  return String(Number(value.toPrecision(3)));
}

/** A number that grows whenever the colours change. */
function useThemeCount(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const changed = () => setCount((before) => before + 1);
    const system = matchMedia("(prefers-color-scheme: dark)");
    const chosen = new MutationObserver(changed);
    chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    system.addEventListener("change", changed);
    return () => {
      chosen.disconnect();
      system.removeEventListener("change", changed);
    };
  }, []);
  return count;
}
