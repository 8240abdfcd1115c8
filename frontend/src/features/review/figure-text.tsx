import { score } from "@/lib/format";
import type { Figure } from "@/queries/reviews";
import { texts } from "./texts";

/** "0.61 [0.42, 0.77] n 48", or why there is no value. */
export function FigureText({ figure }: { figure: Figure }) {
  if (figure.value === null) return <span className="small muted no-figure">{figure.reason}</span>;
  const { low, high } = figure;
  return (
    <span className="figure">
      <strong>{score(figure.value)}</strong>
      <span className="small muted">
        {low === null || high === null ? texts.agreement.noInterval : `[${score(low)}, ${score(high)}]`}{" "}
        {texts.agreement.n(figure.n)}
      </span>
    </span>
  );
}
