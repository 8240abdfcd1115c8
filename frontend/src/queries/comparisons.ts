import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

export type ComparisonSet = Shapes["ComparisonSetShape"];
export type ComparisonResult = Shapes["ComparisonResultShape"];
export type PairResult = Shapes["PairResultShape"];
export type Rate = Shapes["RateShape"];
export type PairAssignment = Shapes["PairAssignmentShape"];
export type Origin = Shapes["OriginShape"];
export type NewComparisonSet = Shapes["ComparisonSetBody"];

/** What somebody has said of a pair so far. */
export interface PreferenceDraft {
  choice: number | null;
  text: string;
}

const ofSet = (set_id: number) => ({ params: { path: { set_id } } });
const ofPreference = (preference_id: number) => ({ params: { path: { preference_id } } });

/** Comparison sets, newest first. */
export const comparisonSetsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "comparison-sets"],
    queryFn: () =>
      unwrap(client.GET("/api/projects/{project}/comparison-sets", { params: { path: { project } } })),
  });

/** How often A was preferred to B in a set, and why. */
export const comparisonResultQuery = (set: number) =>
  queryOptions({
    queryKey: ["comparison-result", set],
    queryFn: () => unwrap(client.GET("/api/comparison-sets/{set_id}/result", ofSet(set))),
    staleTime: 0,
  });

/** The next pair to compare; null when there is nothing to do. */
export const nextPairQuery = (set: number) =>
  queryOptions({
    queryKey: ["pair", set],
    queryFn: async (): Promise<PairAssignment | null> =>
      (await unwrap(client.POST("/api/comparison-sets/{set_id}/next", ofSet(set)))) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

/** Draw pairs for people to compare. */
export function useCreateComparisonSet(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewComparisonSet) =>
      unwrap(client.POST("/api/projects/{project}/comparison-sets", { params: { path: { project } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: comparisonSetsQuery(project).queryKey }),
  });
}

/** Hand out the pairs of a set, or no longer. */
export function useOpenComparisonSet(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ set, isOpen }: { set: number; isOpen: boolean }) =>
      unwrap(client.PATCH("/api/comparison-sets/{set_id}", { ...ofSet(set), body: { is_open: isOpen } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: comparisonSetsQuery(project).queryKey }),
  });
}

export const savePreference = (preference: number, draft: PreferenceDraft, version: number) =>
  unwrap(
    client.PUT("/api/preferences/{preference_id}/draft", {
      ...ofPreference(preference),
      body: { draft, version },
    }),
  );

export const holdPair = (preference: number) =>
  unwrap(client.POST("/api/preferences/{preference_id}/heartbeat", ofPreference(preference)));

export const submitPreference = (preference: number, draft: PreferenceDraft, version: number, key: string) =>
  unwrap(
    client.POST("/api/preferences/{preference_id}/submit", {
      params: { path: { preference_id: preference }, header: { "idempotency-key": key } },
      body: { draft, version },
    }),
  );

export const skipPair = (preference: number, reason: string) =>
  unwrap(
    client.POST("/api/preferences/{preference_id}/skip", { ...ofPreference(preference), body: { reason } }),
  );
