import { useState } from "react";
import { Problem, Skeleton } from "@/components/states";
import type { Signal } from "@/queries/critiques";
import "./signal-map.css";
import { depth, shown, strongest } from "./signal";
import { texts } from "./texts";

interface SignalMapProps {
  signal: Signal | undefined;
  measuring: boolean;
  problem: unknown;
  isStale: boolean;
  onMeasure: () => void;
}

/** What the critique would teach, token by token, over the model's own answer; the numbers on demand. */
export function SignalMap({ signal, measuring, problem, isStale, onMeasure }: SignalMapProps) {
  const [numbers, setNumbers] = useState(false);
  return (
    <section className="card stack signal" aria-labelledby="signal-title" aria-busy={measuring}>
      <h2 id="signal-title" className="eyebrow">
        {texts.signal.title}
      </h2>
      {measuring ? (
        <Skeleton lines={3} />
      ) : problem ? (
        <Problem error={problem} retry={onMeasure} />
      ) : (
        signal && (
          <>
            {isStale && <p className="notice warn small">{texts.signal.stale}</p>}
            <p className="small">{texts.signal.total(signal.total_gain)}</p>
            <p className="paper tokens">
              {signal.tokens.map((token, place) => (
                <span
                  key={place}
                  className={`token ${token.gain < 0 ? "less" : "more"}`}
                  data-depth={depth(token.gain)}
                  title={texts.signal.gain(token.gain)}
                >
                  {shown(token.text)}
                  {numbers && <sub>{texts.signal.number(token.gain)}</sub>}
                </span>
              ))}
            </p>
            <p className="small muted">
              <span className="token less" data-depth="3">
                {texts.signal.less}
              </span>{" "}
              <span className="token more" data-depth="3">
                {texts.signal.more}
              </span>
            </p>
            <p className="small">{texts.signal.strongest(strongest(signal.tokens))}</p>
            <div className="row">
              <button
                type="button"
                className="button quiet small"
                aria-pressed={numbers}
                onClick={() => setNumbers(!numbers)}
              >
                {texts.signal.numbers}
              </button>
            </div>
          </>
        )
      )}
    </section>
  );
}
