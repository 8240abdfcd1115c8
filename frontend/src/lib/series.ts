/** Curves by `area/name`: pairs of step and value. */
export type Series = Record<string, [number, number][]>;

/** What was known before `since`, and everything fresh from there on. */
export function mergeSeries(known: Series, fresh: Series, since: number): Series {
  const merged: Series = {};
  for (const [name, points] of Object.entries(known)) {
    const kept = points.filter(([step]) => step < since);
    if (kept.length > 0) merged[name] = kept;
  }
  for (const [name, points] of Object.entries(fresh)) {
    merged[name] = [...(merged[name] ?? []), ...points.filter(([step]) => step >= since)];
  }
  return merged;
}

/** The last step that any curve reaches; 0 without one. */
export function lastStep(series: Series): number {
  return Math.max(0, ...Object.values(series).map((points) => points.at(-1)?.[0] ?? 0));
}

/** Curves on one common axis: every step that any of them has, gaps as null. */
export function align(curves: [number, number][][]): { steps: number[]; columns: (number | null)[][] } {
  const steps = [...new Set(curves.flatMap((points) => points.map(([step]) => step)))].sort((a, b) => a - b);
  const columns = curves.map((points) => {
    const at = new Map(points);
    return steps.map((step) => at.get(step) ?? null);
  });
  return { steps, columns };
}
