import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

export type GuidelineStanding = Shapes["StandingShape"];
export type GuidelineVersion = Shapes["GuidelineVersionShape"];

/** Every version of a project's guidelines, newest first. */
export const guidelineVersionsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "guidelines"],
    queryFn: () =>
      unwrap(client.GET("/api/projects/{project}/guidelines/versions", { params: { path: { project } } })),
  });

/** What a version says; it never changes. */
export const guidelineQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["guideline", project, number],
    queryFn: async () => {
      const params = { path: { project, number } };
      return (await unwrap(client.GET("/api/projects/{project}/guidelines/versions/{number}", { params })))
        .text;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Say that I have read a version. */
export function useReadGuidelines(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (number: number) =>
      unwrap(
        client.PUT("/api/projects/{project}/guidelines/read", {
          params: { path: { project } },
          body: { number },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project, "guidelines"] }),
  });
}
