import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { agreementQuery, type Agreement as Found } from "@/queries/reviews";
import { AuthorTable } from "./author-table";
import { FigureText } from "./figure-text";
import { PairTable } from "./pair-table";
import "./agreement.css";
import "./review.css";
import { Tabs } from "./tabs";
import { texts } from "./texts";

const words = texts.agreement;

/** How far those who critique the same answers agree, and what each of them does. */
export function Agreement({ project }: { project: string }) {
  const found = useQuery(agreementQuery(project));
  return (
    <Page title={words.title} about={words.about}>
      <Tabs project={project} />
      {found.error && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton lines={8} />}
      {found.data && <Figures project={project} found={found.data} />}
    </Page>
  );
}

function Figures({ project, found }: { project: string; found: Found }) {
  const people = found.pairs.filter((pair) => pair.second.kind === "annotator");
  const machines = found.pairs.filter((pair) => pair.second.kind !== "annotator");
  return (
    <>
      {found.pairs.length === 0 ? (
        <Empty title={words.none}>
          <p>{words.noneWhy}</p>
          <Link className="button primary" to="/$project/project" params={{ project }}>
            {texts.adjudicate.project}
          </Link>
        </Empty>
      ) : (
        <>
          <Together found={found} />
          {people.length > 0 && <PairTable title={words.between} pairs={people} />}
          {machines.length > 0 && <PairTable title={words.machines} pairs={machines} />}
          {found.left_out > 0 && <p className="small muted">{words.leftOut(found.left_out)}</p>}
          <details>
            <summary>{words.howToRead}</summary>
            <dl className="explained small">
              {words.explain.map(([name, meaning]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </details>
        </>
      )}
      {found.authors.length > 0 && <AuthorTable authors={found.authors} levels={found.rating_levels} />}
    </>
  );
}

function Together({ found }: { found: Found }) {
  return (
    <section className="stack tight" aria-labelledby="together">
      <h2 id="together">{words.people}</h2>
      <p className="small muted">{words.peopleWhy}</p>
      <div className="together">
        <div className="card stack tight">
          <h3>{words.alphaNominal}</h3>
          <FigureText figure={found.alpha_nominal} />
        </div>
        <div className="card stack tight">
          <h3>{words.alphaInterval}</h3>
          <FigureText figure={found.alpha_interval} />
        </div>
      </div>
    </section>
  );
}
