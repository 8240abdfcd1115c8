import { IntervalPlot } from "@/components/interval-plot";
import { ProgressBar } from "@/components/states";
import type { ComparisonResult, Rate } from "@/queries/comparisons";
import { texts } from "./texts";

/** The win rate in large, its parts by place, and how strongly people said it. */
export function WinRates({ result }: { result: ComparisonResult }) {
  const { a_wins: wins, left_wins: left } = result;
  if (!wins || !left) return null;
  const said = wins.low > 0.5 ? texts.better.a : wins.high < 0.5 ? texts.better.b : texts.undecided;
  const decides = left.low > 0.5 || left.high < 0.5;
  return (
    <div className="win-rates">
      <section className="card stack" aria-label={texts.wins}>
        <h2>{texts.wins}</h2>
        <div className="row">
          <span className="win-rate">{texts.percent(wins.rate)}</span>
          <span>
            {texts.interval(texts.percent(wins.low), texts.percent(wins.high))}
            <Plot rate={wins} />
          </span>
        </div>
        <p>{said}</p>
        <p className="small muted">
          {texts.winsHint(wins.n, wins.prompts)}. {result.identical > 0 && texts.identical(result.identical)}
        </p>
        <dl className="rates">
          <Part name={texts.aLeft} rate={result.a_wins_left} />
          <Part name={texts.aRight} rate={result.a_wins_right} />
          <Part name={texts.leftWins} rate={left} />
        </dl>
        <p className={decides ? "notice warn" : "small muted"}>{decides ? texts.bias : texts.noBias}</p>
      </section>
      <Strengths result={result} answers={wins.n} />
    </div>
  );
}

function Plot({ rate }: { rate: Rate }) {
  return <IntervalPlot mean={rate.rate} low={rate.low} high={rate.high} from={0} to={1} mark={0.5} />;
}

function Part({ name, rate }: { name: string; rate: Rate | null }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="row">
        {rate ? (
          <>
            <span className="number">{texts.percent(rate.rate)}</span>
            <Plot rate={rate} />
            <span className="small muted">{texts.count(rate.n)}</span>
          </>
        ) : (
          "–"
        )}
      </dd>
    </>
  );
}

function Strengths({ result, answers }: { result: ComparisonResult; answers: number }) {
  return (
    <section className="card stack tight" aria-label={texts.strengthTitle}>
      <h2>{texts.strengthTitle}</h2>
      <dl className="strengths">
        {[...result.strengths].reverse().map(({ favour, count }) => {
          const name = texts.favours[String(favour)] ?? "";
          return (
            <div key={favour}>
              <dt>{name}</dt>
              <dd>
                <ProgressBar done={count} total={answers} label={name} />
                <span className="number">{count}</span>
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
