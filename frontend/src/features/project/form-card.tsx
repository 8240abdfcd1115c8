import { Link } from "@tanstack/react-router";
import type { Shapes } from "@/lib/api";
import { texts } from "./texts";

/** The way to the form that annotators fill in. */
export function FormCard({ project }: { project: Shapes["ProjectShape"] }) {
  return (
    <section className="card row apart" aria-labelledby="form">
      <div className="stack tight">
        <h2 id="form">{texts.form}</h2>
        <p className="small muted">{texts.formAbout(project.rating_levels, project.tags.length)}</p>
      </div>
      <Link className="button" to="/$project/form" params={{ project: project.slug }}>
        {texts.openForm}
      </Link>
    </section>
  );
}
