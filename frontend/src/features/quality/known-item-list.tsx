import { Link } from "@tanstack/react-router";
import { Problem } from "@/components/states";
import { day } from "@/lib/format";
import { type KnownItem, useChangeKnownItem } from "@/queries/known-items";
import "./quality.css";
import { texts } from "./texts";

/** The known items: what they are, where they are used, and whether still. */
export function KnownItemList({ project, items }: { project: string; items: readonly KnownItem[] }) {
  const change = useChangeKnownItem(project);
  return (
    <section className="card stack tight" aria-labelledby="known-items">
      <h2 id="known-items">{texts.items}</h2>
      {items.length === 0 && (
        <>
          <p className="small muted">{texts.noItems}</p>
          <div>
            <Link className="button" to="/$project/review" params={{ project }}>
              {texts.review}
            </Link>
          </div>
        </>
      )}
      {change.error && <Problem error={change.error} />}
      <ul className="known-items">
        {items.map((item) => (
          <li key={item.id} className="stack tight">
            <div className="row">
              <span className="badge">{texts.kinds[item.kind]}</span>
              {item.is_practice && <span className="badge">{texts.forPractice}</span>}
              {item.is_retired && <span className="badge">{texts.retired}</span>}
              <span className="small muted">{day(item.created_at)}</span>
            </div>
            <p className="known-answer">{item.answer}</p>
            <div className="row">
              <Act
                item={item}
                action={item.is_practice ? texts.toMixed : texts.toPractice}
                onAct={() => change.mutate({ id: item.id, is_practice: !item.is_practice })}
              />
              <Act
                item={item}
                action={item.is_retired ? texts.restore : texts.retire}
                onAct={() => change.mutate({ id: item.id, is_retired: !item.is_retired })}
              />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Act({ item, action, onAct }: { item: KnownItem; action: string; onAct: () => void }) {
  return (
    <button type="button" className="button small" aria-label={texts.named(action, item.id)} onClick={onAct}>
      {action}
    </button>
  );
}
