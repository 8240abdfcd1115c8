import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { pollWhile } from "@/queries/jobs";

export type Checkpoint = Shapes["CheckpointShape"];
export const PRODUCTION = "production";

/** Base models and adapters, newest first. */
export const checkpointsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "checkpoints"],
    queryFn: async () =>
      (await unwrap(client.GET("/api/projects/{project}/checkpoints", { params: { path: { project } } })))
        .items,
    refetchInterval: (query) => pollWhile(query.state.data?.some((found) => found.state === "written")),
  });

/** One checkpoint with its lineage. */
export const checkpointQuery = (project: string, checkpoint: number) =>
  queryOptions({
    queryKey: ["project", project, "checkpoint", checkpoint],
    queryFn: () =>
      unwrap(
        client.GET("/api/projects/{project}/checkpoints/{checkpoint_id}", {
          params: { path: { project, checkpoint_id: checkpoint } },
        }),
      ),
    refetchInterval: (query) => pollWhile(query.state.data?.state === "written"),
  });

/** Served names. */
export const aliasesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "aliases"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/aliases", { params: { path: { project } } })),
  });

/** Every move of an alias. */
export const movesQuery = (project: string, name: string) =>
  queryOptions({
    queryKey: ["project", project, "aliases", name],
    queryFn: () =>
      unwrap(
        client.GET("/api/projects/{project}/aliases/{name}/history", { params: { path: { project, name } } }),
      ),
  });

/** The checklist between trained and served; asked for anew when `after` changes, with the old one shown until then. */
export const gateQuery = (project: string, checkpoint: number, after = "") =>
  queryOptions({
    queryKey: ["project", project, "gate", checkpoint, after],
    placeholderData: keepPreviousData,
    queryFn: () =>
      unwrap(
        client.GET("/api/projects/{project}/gate", {
          params: { path: { project }, query: { checkpoint_id: checkpoint } },
        }),
      ),
  });

/** Promote, or roll back. */
export function useMoveAlias(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...body }: { name: string; checkpoint_id: number; reason: string }) =>
      unwrap(
        client.PUT("/api/projects/{project}/aliases/{name}", { params: { path: { project, name } }, body }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}
