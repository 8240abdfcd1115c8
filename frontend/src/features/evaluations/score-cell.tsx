import { IntervalPlot } from "@/components/interval-plot";
import { score } from "@/lib/format";
import type { Evaluation } from "@/queries/evaluations";
import { texts } from "./texts";

/** "0.83 [0.67, 0.95] n 32" over its plot from 0 to 1. */
export function ScoreCell({ found }: { found: Evaluation["scores"][number] }) {
  return (
    <div className="score">
      <strong>{score(found.mean)}</strong>{" "}
      <span className="small muted">
        [{score(found.low)}, {score(found.high)}] {texts.n(found.n)}
      </span>
      <IntervalPlot mean={found.mean} low={found.low} high={found.high} from={0} to={1} />
    </div>
  );
}
