import { useCallback, useState } from "react";
import { ApiError } from "@/lib/api";
import { problemsOf } from "@/lib/form";
import { type Assignment, currentForm, type Draft } from "@/queries/critiques";

/** The form on the desk, and what the server last said of the answers, by key of question. */
export function useForm({ critique, form: first }: Assignment) {
  const [form, setForm] = useState(first);
  const [problems, setProblems] = useState<Record<string, string>>({});

  /** Learn from a refused submission: which answers are missing, or that there is a newer form. */
  const refused = useCallback(
    async (error: unknown) => {
      if (!(error instanceof ApiError)) return;
      setProblems(problemsOf(error.details));
      if (error.details.reason === "form_changed") setForm(await currentForm(critique.id));
    },
    [critique.id],
  );

  /** Changes to the draft, with the form under which they were made. */
  const answered = (changes: Partial<Draft>): Partial<Draft> => ({ ...changes, form_version: form.number });

  return { form, problems, refused, answered };
}
