import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { sessionQuery } from "@/queries/session";

/** A project with my role in it. */
export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project],
    queryFn: () => unwrap(client.GET("/api/projects/{project}", { params: { path: { project } } })),
  });

/** How far the collection is. */
export const progressQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "progress"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/progress", { params: { path: { project } } })),
  });

/** Create a project. */
export function useCreateProject() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["NewProject"]) => unwrap(client.POST("/api/projects", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
}
