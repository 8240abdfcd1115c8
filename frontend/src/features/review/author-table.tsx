import { Author } from "@/components/author";
import { duration } from "@/lib/format";
import type { AuthorFigures } from "@/queries/reviews";
import { texts } from "./texts";

const words = texts.agreement;

/** What each author does: how much, how fast, how strictly, and what reviewers say of it. */
export function AuthorTable({ authors, levels }: { authors: readonly AuthorFigures[]; levels: number }) {
  return (
    <div className="stack tight">
      <h2 id="authors">{words.authors}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section className="card flush scroll-x" tabIndex={0} aria-labelledby="authors">
        <table>
          <thead>
            <tr>
              <th scope="col">{words.author}</th>
              {[
                words.submitted,
                words.time,
                words.rating,
                words.accepted,
                words.corrected,
                words.returned,
              ].map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {authors.map((row) => (
              <tr key={`${row.author.kind}-${row.author.name}`}>
                <th scope="row">
                  <Author author={row.author} />
                </th>
                <td className="number">{row.submitted}</td>
                <td className="number">{row.median_seconds === null ? "–" : duration(row.median_seconds)}</td>
                <td className="number">
                  {row.mean_rating === null ? "–" : words.level(row.mean_rating, levels)}{" "}
                  {row.rated > 0 && <span className="small muted">{words.n(row.rated)}</span>}
                </td>
                <td className="number">{words.of(row.accepted, row.reviewed)}</td>
                <td className="number">{words.of(row.corrected, row.reviewed)}</td>
                <td className="number">{words.of(row.returned, row.reviewed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
