import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { texts as common } from "@/lib/texts";
import { useChangeProject } from "@/queries/project-admin";
import { texts } from "./texts";

/** Name, guidelines, overlap, scale and tags. */
export function SettingsCard({ project, manages }: { project: Shapes["ProjectShape"]; manages: boolean }) {
  const change = useChangeProject(project.slug);
  const [name, setName] = useState(project.name);
  const [guidelines, setGuidelines] = useState(project.guidelines);
  const [overlap, setOverlap] = useState(project.overlap);
  const [levels, setLevels] = useState(project.rating_levels);
  const [tags, setTags] = useState(project.tags.join(", "));
  const save = (event: FormEvent) => {
    event.preventDefault();
    const list = tags.split(",").map((tag) => tag.trim());
    change.mutate({ name, guidelines, overlap, rating_levels: levels, tags: list.filter(Boolean) });
  };
  return (
    <form className="card stack" onSubmit={save} aria-labelledby="settings">
      <h2 id="settings">{texts.settings}</h2>
      {!manages && <p className="muted">{texts.readOnly}</p>}
      <fieldset className="plain stack" disabled={!manages}>
        <Field label={texts.name}>
          {(ids) => (
            <input {...ids} required value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label={texts.guidelines}>
          {(ids) => (
            <textarea
              {...ids}
              rows={5}
              value={guidelines}
              onChange={(event) => setGuidelines(event.target.value)}
            />
          )}
        </Field>
        <div className="two-fields">
          <Field label={texts.overlap} hint={texts.overlapHint}>
            {(ids) => (
              <input
                {...ids}
                type="number"
                min={1}
                max={20}
                value={overlap}
                onChange={(event) => setOverlap(Number(event.target.value))}
              />
            )}
          </Field>
          <Field label={texts.levels}>
            {(ids) => (
              <input
                {...ids}
                type="number"
                min={2}
                max={11}
                value={levels}
                onChange={(event) => setLevels(Number(event.target.value))}
              />
            )}
          </Field>
        </div>
        <Field label={texts.tags}>
          {(ids) => <input {...ids} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        {change.error && <Problem error={change.error} />}
        {manages && (
          <div className="row">
            <button type="submit" className="button primary" disabled={change.isPending}>
              {common.common.save}
            </button>
            {change.isSuccess && <span role="status">{texts.saved}</span>}
          </div>
        )}
      </fieldset>
    </form>
  );
}
