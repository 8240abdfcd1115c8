import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { texts } from "@/lib/texts";
import { useCreateProject } from "@/queries/projects";

/** A new project of one's own. */
export function CreateProject() {
  const create = useCreateProject();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name, slug },
      { onSuccess: (project) => navigate({ to: "/$project/prompts", params: { project: project.slug } }) },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={texts.frame.name}>
        {(ids) => <input {...ids} required value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={texts.frame.slug}>
        {(ids) => (
          <input
            {...ids}
            required
            pattern="[a-z0-9][a-z0-9\-]*"
            value={slug}
            onChange={(event) => setSlug(event.target.value)}
          />
        )}
      </Field>
      {create.error && <Problem error={create.error} />}
      <button type="submit" className="button primary">
        {texts.frame.createProject}
      </button>
    </form>
  );
}
