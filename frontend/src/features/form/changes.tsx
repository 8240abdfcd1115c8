import { useQuery } from "@tanstack/react-query";
import { Problem } from "@/components/states";
import type { Form } from "@/lib/form";
import { formChangesQuery } from "@/queries/forms";
import { texts } from "./texts";

interface ChangesProps {
  project: string;
  form: Form;
  isChanged: boolean;
}

/** What saving would change, for the questions and for drafts that are open. */
export function Changes({ project, form, isChanged }: ChangesProps) {
  const found = useQuery({ ...formChangesQuery(project, form), enabled: isChanged });
  return (
    <section className="card stack tight form-changes" aria-labelledby="changes" aria-live="polite">
      <h2 id="changes">{texts.changes}</h2>
      {!isChanged && <p className="small muted">{texts.noChange}</p>}
      {isChanged && found.error && <Problem error={found.error} />}
      {isChanged && found.data && (
        <ul className="small">
          {found.data.added.length > 0 && <li>{texts.added(found.data.added)}</li>}
          {found.data.changed.length > 0 && <li>{texts.changed(found.data.changed)}</li>}
          {found.data.removed.length > 0 && <li>{texts.removed(found.data.removed)}</li>}
          <li>{texts.openDrafts(found.data)}</li>
        </ul>
      )}
    </section>
  );
}
