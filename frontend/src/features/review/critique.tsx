import { useQuery } from "@tanstack/react-query";
import { Diff } from "@/components/diff";
import { Markdown } from "@/components/markdown";
import { Page } from "@/components/page";
import { ratingText } from "@/components/rating";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { critiqueQuery } from "@/queries/critiques";
import { Author } from "./author";
import { texts } from "./texts";

/** One critique with its answer, its edit and the redrafts under it. */
export function Critique({ id }: { id: number }) {
  const found = useQuery(critiqueQuery(id));
  if (!found.data) {
    return (
      <Page title={texts.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const { critique, prompt, rollout, redrafts, rating_levels: levels } = found.data;
  const said = critique.revision ?? critique.draft;
  return (
    <Page title={prompt.messages.at(-1)?.content ?? texts.title} about={<Author author={critique.author} />}>
      <section className="card stack tight">
        <span className="badge">{rollout.checkpoint.name}</span>
        <div className="paper">
          <Markdown>{rollout.text}</Markdown>
        </div>
      </section>
      <section className="card stack tight">
        <div className="row">
          <span className="badge">{texts.states[critique.state]}</span>
          <span className="small muted">
            {texts.rating}: {ratingText(said.rating ?? null, levels)} ·{" "}
            {day(critique.submitted_at ?? critique.created_at)}
          </span>
          {said.tags?.map((tag) => (
            <span key={tag} className="badge">
              {tag}
            </span>
          ))}
        </div>
        <p className="paper">{said.text || texts.noText}</p>
        {said.edit && (
          <>
            <h3>{texts.edit}</h3>
            <Diff from={rollout.text} to={said.edit} />
          </>
        )}
      </section>
      <section className="stack tight">
        <h2>{texts.redrafts}</h2>
        {redrafts.length === 0 && <p className="muted">{texts.noRedrafts}</p>}
        {redrafts.map((row) => (
          <div key={row.rollout.id} className="card stack tight">
            <div className="row">
              {row.verdict && (
                <span className={row.verdict === "better" ? "badge good" : "badge"}>{row.verdict}</span>
              )}
              <span className="small muted">
                {texts.rating}: {ratingText(row.rating, levels)}
              </span>
            </div>
            <Diff from={rollout.text} to={row.rollout.text} />
          </div>
        ))}
      </section>
    </Page>
  );
}
