import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { isActive, pollWhile } from "@/queries/jobs";

export type Evaluation = Shapes["EvaluationShape"];
export type Comparison = Shapes["ComparisonShape"];
export type Difference = Shapes["DifferenceShape"];

/** Evaluations, newest first; followed while one runs. */
export const evaluationsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "evaluations"],
    queryFn: () =>
      unwrap(client.GET("/api/projects/{project}/evaluations", { params: { path: { project } } })),
    refetchInterval: (query) => pollWhile(query.state.data?.some(isActive)),
  });

/** Two evaluations paired by prompt. */
export const comparisonQuery = (a: number, b: number) =>
  queryOptions({
    queryKey: ["comparison", a, b],
    queryFn: () => unwrap(client.GET("/api/evaluations/{a}/compare/{b}", { params: { path: { a, b } } })),
  });

/** Evaluate a checkpoint. */
export function useEvaluate(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (checkpoint_id: number) =>
      unwrap(
        client.POST("/api/projects/{project}/evaluations", {
          params: { path: { project } },
          body: { checkpoint_id },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}
