import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { knownItemsQuery, type Quality, qualityQuery, type Share } from "@/queries/known-items";
import { useMayManage } from "@/queries/roles";
import { HandOut } from "./hand-out";
import { KnownItemList } from "./known-item-list";
import { texts } from "./texts";

/** How well annotators see what is known, and the known items themselves. */
export function QualityPage({ project }: { project: string }) {
  const quality = useQuery(qualityQuery(project));
  const items = useQuery(knownItemsQuery(project));
  const manages = useMayManage(project);
  const failed = quality.error ?? items.error;
  const forbidden = failed instanceof ApiError && failed.status === 403;
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        <Link className="button" to="/$project/review" params={{ project }}>
          {texts.back}
        </Link>
      }
    >
      {forbidden && <p className="notice">{texts.forbidden}</p>}
      {failed && !forbidden && <Problem error={failed} retry={() => quality.refetch()} />}
      {!failed && (!quality.data || !items.data) && <Skeleton lines={6} />}
      {quality.data && <Annotators rows={quality.data} />}
      {items.data && manages && <HandOut project={project} settings={items.data} />}
      {items.data && <KnownItemList project={project} items={items.data.items} />}
    </Page>
  );
}

function Annotators({ rows }: { rows: readonly Quality[] }) {
  return (
    <section className="card stack tight" aria-labelledby="annotators">
      <h2 id="annotators">{texts.annotators}</h2>
      {rows.length === 0 ? (
        <p className="small muted">{texts.nobody}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
        <div className="scroll-x" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{texts.annotator}</th>
                <th scope="col">{texts.gold}</th>
                <th scope="col">{texts.seeded}</th>
                <th scope="col">{texts.practice}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.user_id}>
                  <th scope="row">{row.name}</th>
                  <ShareCell share={row.gold} />
                  <ShareCell share={row.seeded} />
                  <ShareCell share={row.practice} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function ShareCell({ share }: { share: Share }) {
  return (
    <td>
      {share.n === 0 ? texts.none : texts.share(share.passed, share.n)}
      {share.low !== null && share.high !== null && (
        <div className="small muted">{texts.interval(share.low, share.high)}</div>
      )}
    </td>
  );
}
