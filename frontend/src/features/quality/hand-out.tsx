import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { texts as common } from "@/lib/texts";
import { type KnownItems, useKnownSettings } from "@/queries/known-items";
import { texts } from "./texts";

/** How many practice items come first, and how often a known item is mixed in. */
export function HandOut({ project, settings }: { project: string; settings: KnownItems }) {
  const save = useKnownSettings(project);
  const [practice, setPractice] = useState(settings.practice_items);
  const [every, setEvery] = useState(settings.known_every);
  const isChanged = practice !== settings.practice_items || every !== settings.known_every;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ practice_items: practice, known_every: every });
  };
  const number = (value: number, most: number, set: (value: number) => void) => ({
    type: "number",
    required: true,
    min: 0,
    max: most,
    value,
    onChange: (event: { target: HTMLInputElement }) => set(event.target.valueAsNumber || 0),
  });
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="hand-out">
      <div>
        <h2 id="hand-out">{texts.handOut}</h2>
        <p className="small muted">{texts.handOutWhy}</p>
      </div>
      <Field label={texts.practiceItems} hint={texts.practiceHint}>
        {(ids) => <input {...ids} {...number(practice, 50, setPractice)} />}
      </Field>
      <Field label={texts.every} hint={texts.everyHint}>
        {(ids) => <input {...ids} {...number(every, 1000, setEvery)} />}
      </Field>
      {save.error && <Problem error={save.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={!isChanged || save.isPending}>
          {common.common.save}
        </button>
        <span className="small muted" role="status">
          {!isChanged && save.data && texts.saved}
        </span>
      </div>
    </form>
  );
}
