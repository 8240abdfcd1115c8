import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { texts as common } from "@/lib/texts";
import { contestedQuery } from "@/queries/reviews";
import "./review.css";
import { Tabs } from "./tabs";
import { texts } from "./texts";

const words = texts.adjudicate;

/** Answers that several critiqued, those not settled first to hand. */
export function Contested({ project }: { project: string }) {
  const [isOpen, setIsOpen] = useState(true);
  const answers = useInfiniteQuery(contestedQuery(project, isOpen));
  const rows = answers.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title={words.title}
      about={words.about}
      actions={
        <fieldset className="row choice" aria-label={texts.state}>
          {[true, false].map((open) => (
            <button
              key={String(open)}
              type="button"
              className="button small"
              aria-pressed={isOpen === open}
              onClick={() => setIsOpen(open)}
            >
              {open ? words.open : words.all}
            </button>
          ))}
        </fieldset>
      }
    >
      <Tabs project={project} />
      {answers.error && <Problem error={answers.error} retry={() => answers.refetch()} />}
      {answers.isPending && <Skeleton lines={6} />}
      {answers.data && rows.length === 0 && (
        <Empty title={words.none}>
          <p>{words.noneWhy}</p>
          <Link className="button primary" to="/$project/project" params={{ project }}>
            {words.project}
          </Link>
        </Empty>
      )}
      {rows.length > 0 && (
        <div className="card flush">
          <table>
            <thead>
              <tr>
                <th scope="col">{words.columns.answer}</th>
                <th scope="col" className="number">
                  {words.columns.critiques}
                </th>
                <th scope="col" className="number">
                  {words.columns.spread}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.rollout_id}>
                  <td>
                    <Link
                      to="/$project/review/answers/$rollout"
                      params={{ project, rollout: String(row.rollout_id) }}
                    >
                      {row.prompt_text}
                    </Link>
                    <div className="small muted excerpt">{row.answer_text}</div>
                    {row.accepted > 0 && <span className="badge good">{words.settled}</span>}
                  </td>
                  <td className="number">{row.critiques}</td>
                  <td className="number">{row.spread === null ? "–" : row.spread.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answers.hasNextPage && (
        <button type="button" className="button" onClick={() => answers.fetchNextPage()}>
          {common.common.more}
        </button>
      )}
    </Page>
  );
}
