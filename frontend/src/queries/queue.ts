import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

/** Who gets what. */
export const queueQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "queue"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/queue", { params: { path: { project } } })),
  });

/** Change who gets what. */
export function useChangeQueue(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["QueuePatch"]) =>
      unwrap(client.PATCH("/api/projects/{project}/queue", { params: { path: { project } }, body })),
    onSuccess: (now) => queries.setQueryData(queueQuery(project).queryKey, now),
  });
}

/** Keep prompts for people, or set them free. */
export function useKeepPrompts(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["KeepBody"]) =>
      unwrap(client.POST("/api/projects/{project}/queue/kept", { params: { path: { project } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: queueQuery(project).queryKey }),
  });
}
