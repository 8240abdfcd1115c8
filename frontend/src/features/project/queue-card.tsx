import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { texts as common } from "@/lib/texts";
import { queueQuery, useChangeQueue } from "@/queries/queue";
import { KeptPrompts } from "./kept-prompts";
import { wordsOf } from "./settings";
import { texts } from "./texts";

type Queue = Shapes["QueueShape"];

const ORDERS = ["imported", "disagreement", "uncertainty", "similarity"] as const;
const ROUTINGS = ["anyone", "share", "skill"] as const;
const said = texts.queue;

/** Who critiques which answers, and which come first. */
export function QueueCard({ project }: { project: string }) {
  const found = useQuery(queueQuery(project));
  return (
    <section className="card stack" aria-labelledby="queue">
      <div>
        <h2 id="queue">{said.title}</h2>
        <p className="small muted">{said.about}</p>
      </div>
      {found.isPending && <Skeleton />}
      {found.error && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.data && <QueueForm project={project} queue={found.data} />}
      {found.data && <KeptPrompts project={project} workers={found.data.workers} />}
    </section>
  );
}

function QueueForm({ project, queue }: { project: string; queue: Queue }) {
  const change = useChangeQueue(project);
  const [edits, setEdits] = useState<Partial<Queue>>({});
  const [shares, setShares] = useState<Record<number, string>>({});
  const [skills, setSkills] = useState<Record<number, string>>({});
  const shown = { ...queue, ...edits };
  const touched = queue.workers.filter(({ user }) => user.id in shares || user.id in skills);
  const changed = Object.keys(edits).length + touched.length > 0;
  const save = (event: FormEvent) => {
    event.preventDefault();
    const workers = touched.map(({ user, ...old }) => ({
      user_id: user.id,
      share: user.id in shares ? Number(shares[user.id]) : old.share,
      skills: user.id in skills ? wordsOf(skills[user.id] ?? "") : old.skills,
    }));
    change.mutate(
      { ...edits, workers },
      {
        onSuccess: () => {
          setEdits({});
          setShares({});
          setSkills({});
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={save} aria-label={said.title}>
      <div className="two-fields">
        <Field label={said.order} hint={said.orders[shown.order].why}>
          {(ids) => (
            <select
              {...ids}
              value={shown.order}
              onChange={(event) => setEdits({ ...edits, order: event.target.value as Queue["order"] })}
            >
              {ORDERS.map((order) => (
                <option key={order} value={order}>
                  {said.orders[order].name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={said.routing} hint={said.routings[shown.routing].why}>
          {(ids) => (
            <select
              {...ids}
              value={shown.routing}
              onChange={(event) => setEdits({ ...edits, routing: event.target.value as Queue["routing"] })}
            >
              {ROUTINGS.map((routing) => (
                <option key={routing} value={routing}>
                  {said.routings[routing].name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {shown.routing === "skill" && (
        <Field label={said.field} hint={said.fieldHint}>
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={64}
              value={shown.skill_field}
              onChange={(event) => setEdits({ ...edits, skill_field: event.target.value })}
            />
          )}
        </Field>
      )}
      {shown.routing !== "anyone" && (
        <ul className="lines">
          {queue.workers.map(({ user, ...old }) => (
            <li key={user.id} className="row apart">
              <span className="who">
                {user.name}{" "}
                {shown.routing === "share" && queue.routing === "share" && (
                  <span className="small muted">{said.percent(old.percent)}</span>
                )}
              </span>
              {shown.routing === "share" ? (
                <input
                  className="share"
                  type="number"
                  min={0}
                  max={1000}
                  required
                  aria-label={said.shareOf(user.name)}
                  value={shares[user.id] ?? old.share}
                  onChange={(event) => setShares({ ...shares, [user.id]: event.target.value })}
                />
              ) : (
                <input
                  aria-label={said.skillsOf(user.name)}
                  placeholder={said.skillsHint}
                  value={skills[user.id] ?? old.skills.join(", ")}
                  onChange={(event) => setSkills({ ...skills, [user.id]: event.target.value })}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <label className="row">
        <input
          type="checkbox"
          checked={shown.open_critiques}
          onChange={(event) => setEdits({ ...edits, open_critiques: event.target.checked })}
        />
        <span>
          {said.open} <span className="small muted">{said.openHint}</span>
        </span>
      </label>
      {change.error && <Problem error={change.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={!changed || change.isPending}>
          {common.common.save}
        </button>
        <span className="small muted" role="status">
          {changed ? texts.unsaved : change.isSuccess && said.saved}
        </span>
      </div>
    </form>
  );
}
