import { useId } from "react";
import { Author } from "@/components/author";
import type { Pair } from "@/queries/reviews";
import { FigureText } from "./figure-text";
import { texts } from "./texts";

const words = texts.agreement;
const COLUMNS = ["percent", "kappa", "tau_b", "span_f1", "precision", "recall"] as const;

/** Every pair of authors over the answers that both critiqued. */
export function PairTable({ title, pairs }: { title: string; pairs: readonly Pair[] }) {
  const id = useId();
  return (
    <div className="stack tight">
      <h2 id={id}>{title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section className="card flush scroll-x" tabIndex={0} aria-labelledby={id}>
        <table className="pairs">
          <thead>
            <tr>
              <th scope="col">{words.pair}</th>
              <th scope="col" className="number">
                {words.answers}
              </th>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {words.columns[name]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair) => (
              <tr key={`${pair.first.name}-${pair.second.kind}-${pair.second.name}`}>
                <th scope="row">
                  <span className="pair">
                    <Author author={pair.first} />
                    <Author author={pair.second} />
                  </span>
                </th>
                <td className="number">{pair.answers}</td>
                {COLUMNS.map((name) => (
                  <td key={name}>
                    <FigureText figure={pair[name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
