import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

export type Job = Shapes["JobShape"];
export type WorkState = Shapes["WorkState"];

const POLL_MS = 2000;

/** Whether work will still change by itself. */
export const isActive = (work: { state: WorkState }) => work.state === "queued" || work.state === "running";

/** How often to ask again for work: while it runs, else not at all. */
export const pollWhile = (active: boolean | undefined): number | false => (active ? POLL_MS : false);

/** Bulk jobs of a project, newest first; followed while one is under way. */
export const jobsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "jobs"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/jobs", { params: { path: { project } } })),
    refetchInterval: (query) => pollWhile(query.state.data?.some(isActive)),
  });

/** One job, followed while it is under way. */
export const jobQuery = (job: number) =>
  queryOptions({
    queryKey: ["job", job],
    queryFn: () => unwrap(client.GET("/api/jobs/{job_id}", { params: { path: { job_id: job } } })),
    refetchInterval: (query) => pollWhile(query.state.data === undefined || isActive(query.state.data)),
  });

/** The verifiers there are. */
export const verifiersQuery = queryOptions({
  queryKey: ["verifiers"],
  queryFn: () => unwrap(client.GET("/api/verifiers")),
  staleTime: Number.POSITIVE_INFINITY,
});

function useActing<T>(project: string, act: (body: T) => Promise<Job>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => queries.invalidateQueries({ queryKey: jobsQuery(project).queryKey }),
  });
}

/** Sample first attempts. */
export const useSampleAttempts = (project: string) =>
  useActing(project, (body: Shapes["SampleBody"]) =>
    unwrap(client.POST("/api/projects/{project}/rollouts/sample", { params: { path: { project } }, body })),
  );

/** Let a verifier critique the first attempts. */
export const useVerify = (project: string) =>
  useActing(project, (body: Shapes["VerifyBody"]) =>
    unwrap(client.POST("/api/projects/{project}/verifications", { params: { path: { project } }, body })),
  );

/** Let a model judge the first attempts. */
export const useJudge = (project: string) =>
  useActing(project, (body: Shapes["JudgementBody"]) =>
    unwrap(client.POST("/api/projects/{project}/judgements", { params: { path: { project } }, body })),
  );

/** What a judging job could not do: replies that were no verdict, by reason, and redrafts kept without a rating. */
export function unjudged(job: Job): {
  count: number;
  of: number;
  reasons: [string, number][];
  unrated: number;
} {
  const { judged, unjudged: found, unrated } = job.result;
  const reasons = Object.entries((found ?? {}) as Record<string, number>).sort((a, b) => b[1] - a[1]);
  const count = reasons.reduce((sum, [, each]) => sum + each, 0);
  return { count, of: count + Number(judged ?? 0), reasons, unrated: Number(unrated ?? 0) };
}

/** Stop a job; what it has made stays. */
export const useCancelJob = (project: string, job: number) =>
  useActing(project, () =>
    unwrap(client.POST("/api/jobs/{job_id}/cancel", { params: { path: { job_id: job } } })),
  );
