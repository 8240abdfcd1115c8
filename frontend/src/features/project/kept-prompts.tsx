import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { useKeepPrompts } from "@/queries/queue";
import { numbersOf } from "./numbers";
import { texts } from "./texts";

const said = texts.queue;

/** Prompts by number whose answers go to chosen people only. */
export function KeptPrompts({ project, workers }: { project: string; workers: Shapes["WorkerShape"][] }) {
  const keep = useKeepPrompts(project);
  const [numbers, setNumbers] = useState("");
  const [people, setPeople] = useState<number[]>([]);
  const prompts = numbersOf(numbers);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (prompts) keep.mutate({ prompt_ids: prompts, user_ids: people });
  };
  return (
    <details>
      <summary>{said.keep}</summary>
      <form className="stack tight" onSubmit={save}>
        <Field label={said.numbers} hint={said.numbersHint}>
          {(ids) => <input {...ids} value={numbers} onChange={(event) => setNumbers(event.target.value)} />}
        </Field>
        <fieldset className="row">
          <legend className="small">{said.keepFor}</legend>
          {workers.map(({ user, kept }) => (
            <label key={user.id} className="row">
              <input
                type="checkbox"
                checked={people.includes(user.id)}
                onChange={(event) =>
                  setPeople(
                    event.target.checked ? [...people, user.id] : people.filter((id) => id !== user.id),
                  )
                }
              />
              {user.name} {kept > 0 && <span className="badge">{said.kept(kept)}</span>}
            </label>
          ))}
        </fieldset>
        {keep.error && <Problem error={keep.error} />}
        <div className="row">
          <button type="submit" className="button" disabled={!prompts || keep.isPending}>
            {people.length ? said.keepThem : said.free}
          </button>
          <span className="small muted" role="status">
            {keep.data && said.done(keep.data.prompts)}
          </span>
        </div>
      </form>
    </details>
  );
}
