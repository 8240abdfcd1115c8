import { useState } from "react";
import { Markdown } from "@/components/markdown";
import type { PairResult } from "@/queries/comparisons";
import { texts } from "./texts";

const FILTERS = ["all", "a", "same", "b"] as const;
type Filter = (typeof FILTERS)[number];

const matches = (filter: Filter, favour: number) =>
  filter === "all" ||
  (filter === "a" && favour > 0) ||
  (filter === "same" && favour === 0) ||
  (filter === "b" && favour < 0);

/** Every answered pair: both answers, who preferred which how strongly, and why. */
export function ReasonedPairs({ pairs }: { pairs: PairResult[] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const shown = pairs.filter((pair) => pair.given.some((given) => matches(filter, given.favour)));
  return (
    <section className="stack" aria-labelledby="pairs-title">
      <div className="row apart">
        <h2 id="pairs-title">{texts.pairs}</h2>
        <fieldset className="row plain-fieldset">
          <legend className="visually-hidden">{texts.filter}</legend>
          {FILTERS.map((each) => (
            <button
              key={each}
              type="button"
              className="button small"
              aria-pressed={each === filter}
              onClick={() => setFilter(each)}
            >
              {texts.filters[each]}
            </button>
          ))}
        </fieldset>
      </div>
      {shown.map((pair) => (
        <article key={pair.id} className="card stack reasoned-pair">
          <h3>{pair.prompt_text}</h3>
          <div className="two-answers">
            {(["a", "b"] as const).map((side) => (
              <div key={side} className="stack tight">
                <span className="eyebrow">{texts.ab[side]}</span>
                <div className="answer">
                  <Markdown>{side === "a" ? pair.a_text : pair.b_text}</Markdown>
                </div>
              </div>
            ))}
          </div>
          <ul className="reasons">
            {pair.given.map((given) => (
              <li key={given.author}>
                <span className="badge">{texts.favours[String(given.favour)]}</span>
                <span className={given.text ? "" : "muted"}>{given.text || texts.noReason}</span>
                <span className="small muted">
                  {given.author} · {texts.place(given.a_was_left)}
                </span>
              </li>
            ))}
          </ul>
        </article>
      ))}
    </section>
  );
}
