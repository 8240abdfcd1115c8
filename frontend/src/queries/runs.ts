import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { lastStep, mergeSeries, type Series } from "@/lib/series";
import { isActive, pollWhile } from "@/queries/jobs";

export type Run = Shapes["RunShape"];
export type RunEvent = Shapes["EventShape"];
export type Sample = Shapes["SampleShape"];
export type Preset = Shapes["PresetShape"];
export type Check = Shapes["CheckShape"];
export type Base = Shapes["BaseBody"];
/** A recipe as the form holds it: whatever was typed, right or not. */
export type RecipeDraft = Record<string, unknown>;

const PAGE = 50;
const SAMPLES_POLL_MS = 6000;

/** Runs of a project, newest first, page by page; followed while one is under way. */
export const runsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["project", project, "runs"],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) =>
      unwrap(client.GET("/api/runs", { params: { query: { project, before: pageParam, limit: PAGE } } })),
    getNextPageParam: (last) => last.next,
    refetchInterval: (query) => pollWhile(query.state.data?.pages.some((page) => page.items.some(isActive))),
  });

const runKey = (id: number) => ["run", id] as const;

/** One run; followed while it is under way. */
export const runQuery = (id: number) =>
  queryOptions({
    queryKey: runKey(id),
    queryFn: () => unwrap(client.GET("/api/runs/{run_id}", { params: { path: { run_id: id } } })),
    refetchInterval: (query) => pollWhile(query.state.data && isActive(query.state.data)),
  });

/** The curves of a run. Only new steps are asked for; what a resumed run took back is dropped. */
export const metricsQuery = (run: Pick<Run, "id" | "state" | "done">) =>
  queryOptions({
    queryKey: [...runKey(run.id), "metrics"],
    queryFn: async ({ client: queries, queryKey }): Promise<Series> => {
      const known = queries.getQueryData<Series>(queryKey) ?? {};
      const since = Math.min(lastStep(known), run.done);
      const fresh = await unwrap(
        client.GET("/api/runs/{run_id}/metrics", {
          params: { path: { run_id: run.id }, query: { since_step: since } },
        }),
      );
      return mergeSeries(known, fresh.series as Series, since);
    },
    refetchInterval: pollWhile(isActive(run)),
  });

/** What happened in a run, in order. */
export const eventsQuery = (run: Pick<Run, "id" | "state">) =>
  queryOptions({
    queryKey: [...runKey(run.id), "events"],
    queryFn: () => unwrap(client.GET("/api/runs/{run_id}/events", { params: { path: { run_id: run.id } } })),
    refetchInterval: pollWhile(isActive(run)),
  });

/** Answers to the same probe prompts over time. */
export const samplesQuery = (run: Pick<Run, "id" | "state">) =>
  queryOptions({
    queryKey: [...runKey(run.id), "samples"],
    queryFn: () => unwrap(client.GET("/api/runs/{run_id}/samples", { params: { path: { run_id: run.id } } })),
    refetchInterval: isActive(run) ? SAMPLES_POLL_MS : false,
  });

/** The JSON schema of a recipe. */
export const recipeSchemaQuery = queryOptions({
  queryKey: ["recipes", "schema"],
  queryFn: () => unwrap(client.GET("/api/recipes/schema")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Every method with its vetted recipe. */
export const presetsQuery = queryOptions({
  queryKey: ["recipes", "presets"],
  queryFn: () => unwrap(client.GET("/api/recipes/presets")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What a launch would find; launches nothing. */
export const checkQuery = (project: string, recipe: RecipeDraft, base: Base) =>
  queryOptions({
    queryKey: ["project", project, "check", base, recipe],
    queryFn: () =>
      unwrap(client.POST("/api/runs/check", { body: { project, recipe: recipe as Recipe, base } })),
    staleTime: 10_000,
    retry: false,
  });

type Recipe = Shapes["Recipe"];

/** Where a run can start: the aliases and the checkpoints of a project. */
export const startsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "starts"],
    queryFn: async () => {
      const params = { params: { path: { project } } };
      const [aliases, checkpoints] = await Promise.all([
        unwrap(client.GET("/api/projects/{project}/aliases", params)),
        unwrap(client.GET("/api/projects/{project}/checkpoints", params)),
      ]);
      return { aliases, checkpoints: checkpoints.items };
    },
  });

interface Launch {
  project: string;
  name: string;
  recipe: RecipeDraft;
  base: Base;
}

/** Launch a run. */
export function useLaunch() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ project, name, recipe, base }: Launch) =>
      unwrap(
        client.POST("/api/runs", {
          body: { project, recipe: recipe as Recipe, base, name: name.trim() || null },
        }),
      ),
    onSuccess: (run) => {
      queries.setQueryData(runKey(run.id), run);
      return queries.invalidateQueries({ queryKey: runsQuery(run.project).queryKey });
    },
  });
}

function useActing(id: number, act: () => Promise<Run>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (run) => {
      queries.setQueryData(runKey(id), run);
      return queries.invalidateQueries({ queryKey: runsQuery(run.project).queryKey });
    },
  });
}

/** Ask a run to stop at its next step. */
export const useCancelRun = (id: number) =>
  useActing(id, () => unwrap(client.POST("/api/runs/{run_id}/cancel", { params: { path: { run_id: id } } })));

/** Let a failed or cancelled run go on from its last checkpoint. */
export const useResumeRun = (id: number) =>
  useActing(id, () => unwrap(client.POST("/api/runs/{run_id}/resume", { params: { path: { run_id: id } } })));

/** Fetch everything a run has reported once more, as after its end. */
export function useRefreshReports(id: number) {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({ queryKey: runKey(id), predicate: (query) => query.queryKey.length > 2 });
}
