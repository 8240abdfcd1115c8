import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import type { Form } from "@/lib/form";

export type FormChanges = Shapes["FormChangesShape"];

const at = (project: string) => ({ params: { path: { project } } });
const key = (project: string) => ["project", project, "form"];

/** Every version of a project's form, newest first. */
export const formsQuery = (project: string) =>
  queryOptions({
    queryKey: [...key(project), "versions"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/form/versions", at(project))),
  });

/** What putting a form in force would change; a form that cannot be filled in is an error. */
export const formChangesQuery = (project: string, form: Form) =>
  queryOptions({
    queryKey: [...key(project), "changes", JSON.stringify(form)],
    queryFn: () =>
      unwrap(client.POST("/api/projects/{project}/form/changes", { ...at(project), body: { form } })),
    retry: false,
  });

/** Put a form in force. */
export function useSaveForm(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { form: Form; base: number }) =>
      unwrap(client.PUT("/api/projects/{project}/form", { ...at(project), body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}
