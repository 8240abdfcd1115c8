import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

export type Rule = Shapes["RuleShape"];
export type Source = Shapes["SourceShape"];
export type Group = Shapes["GroupShape"];

const at = (project: string) => ({ path: { project } });
const of = (rule: number) => ({ params: { path: { rule_id: rule } } });

/** The rules of a state, in their order. */
export const rulesQuery = (project: string, state: Rule["state"]) =>
  queryOptions({
    queryKey: ["rules", project, state],
    queryFn: () =>
      unwrap(client.GET("/api/projects/{project}/rules", { params: { ...at(project), query: { state } } })),
  });

/** Critiques without a rule that say much the same. */
export const recurringQuery = (project: string) =>
  queryOptions({
    queryKey: ["rules", project, "recurring"],
    queryFn: () =>
      unwrap(client.GET("/api/projects/{project}/rules/recurring", { params: { ...at(project) } })),
  });

/** The critiques that a rule came from. */
export const sourcesQuery = (project: string, rule: number) =>
  infiniteQueryOptions({
    queryKey: ["rules", project, "sources", rule],
    queryFn: ({ pageParam }) =>
      unwrap(
        client.GET("/api/rules/{rule_id}/critiques", {
          params: { path: { rule_id: rule }, query: { after: pageParam } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
  });

/** What a rule said before. */
export const editsQuery = (project: string, rule: number) =>
  queryOptions({
    queryKey: ["rules", project, "edits", rule],
    queryFn: () => unwrap(client.GET("/api/rules/{rule_id}/edits", of(rule))),
  });

function useChanging<T, R>(project: string, change: (body: T) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: ["rules", project] }),
  });
}

export const useWriteRule = (project: string) =>
  useChanging(project, (body: { text: string; critique_ids: number[]; proposed_by: string | null }) =>
    unwrap(client.POST("/api/projects/{project}/rules", { params: at(project), body })),
  );

export const useEditRule = (project: string) =>
  useChanging(project, ({ rule, text }: { rule: number; text: string }) =>
    unwrap(client.PATCH("/api/rules/{rule_id}", { ...of(rule), body: { text } })),
  );

export const useRetireRule = (project: string) =>
  useChanging(project, (rule: number) => unwrap(client.POST("/api/rules/{rule_id}/retire", of(rule))));

export const useRestoreRule = (project: string) =>
  useChanging(project, (rule: number) => unwrap(client.POST("/api/rules/{rule_id}/restore", of(rule))));

export const useLinkCritiques = (project: string) =>
  useChanging(project, ({ rule, critiques }: { rule: number; critiques: number[] }) =>
    unwrap(client.POST("/api/rules/{rule_id}/critiques", { ...of(rule), body: { critique_ids: critiques } })),
  );

export const useUnlinkCritique = (project: string) =>
  useChanging(project, ({ rule, critique }: { rule: number; critique: number }) =>
    unwrap(
      client.DELETE("/api/rules/{rule_id}/critiques/{critique_id}", {
        params: { path: { rule_id: rule, critique_id: critique } },
      }),
    ),
  );

/** Bring the active rules into an order; shown at once, sent one after the other. */
export function useOrderRules(project: string) {
  const queries = useQueryClient();
  const shown = rulesQuery(project, "active").queryKey;
  const key = ["order-rules", project];
  const sending = useMutation({
    mutationKey: key,
    scope: { id: key.join("-") },
    mutationFn: (order: number[]) =>
      unwrap(
        client.PUT("/api/projects/{project}/rules/order", {
          params: at(project),
          body: { rule_ids: order },
        }),
      ),
    onSettled: () => {
      // A move that waits behind this one is newer than what the server would say now.
      if (queries.isMutating({ mutationKey: key }) === 1) queries.invalidateQueries({ queryKey: shown });
    },
  });
  const order = (rules: Rule[]) => {
    queries.cancelQueries({ queryKey: shown });
    queries.setQueryData(shown, rules);
    sending.mutate(rules.map((rule) => rule.id));
  };
  return { order, error: sending.error };
}
