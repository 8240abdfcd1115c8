import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

export type KnownItems = Shapes["KnownItemsShape"];
export type KnownItem = Shapes["KnownItemShape"];
export type Quality = Shapes["QualityShape"];
export type Share = Shapes["ShareShape"];
export type Feedback = Shapes["FeedbackShape"];

const at = (project: string) => ({ params: { path: { project } } });

/** The known items of a project, and how they are handed out. */
export const knownItemsQuery = (project: string) =>
  queryOptions({
    queryKey: ["known-items", project],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/known-items", at(project))),
  });

/** How well each annotator sees what is known. */
export const qualityQuery = (project: string) =>
  queryOptions({
    queryKey: ["known-items", project, "quality"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/quality", at(project))),
  });

/** What was expected of a practice item that I have submitted. */
export const feedbackQuery = (critique: number) =>
  queryOptions({
    queryKey: ["feedback", critique],
    queryFn: () =>
      unwrap(
        client.GET("/api/critiques/{critique_id}/feedback", { params: { path: { critique_id: critique } } }),
      ),
  });

function useChanging<T, R>(project: string, change: (body: T) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["known-items", project] }),
  });
}

export const useKnownSettings = (project: string) =>
  useChanging(project, (body: Shapes["KnownSettings"]) =>
    unwrap(client.PUT("/api/projects/{project}/known-items/settings", { ...at(project), body })),
  );

export const useMarkGold = (project: string) =>
  useChanging(project, (body: Shapes["GoldBody"]) =>
    unwrap(client.POST("/api/projects/{project}/known-items/gold", { ...at(project), body })),
  );

export const useSeed = (project: string) =>
  useChanging(project, (body: Shapes["SeededBody"]) =>
    unwrap(client.POST("/api/projects/{project}/known-items/seeded", { ...at(project), body })),
  );

export const useChangeKnownItem = (project: string) =>
  useChanging(project, ({ id, ...body }: Shapes["KnownPatch"] & { id: number }) =>
    unwrap(
      client.PATCH("/api/projects/{project}/known-items/{item_id}", {
        params: { path: { project, item_id: id } },
        body,
      }),
    ),
  );
