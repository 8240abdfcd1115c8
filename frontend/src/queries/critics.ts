import { useQuery } from "@tanstack/react-query";
import { verifiersQuery } from "./jobs";
import { judgesQuery } from "./judges";

export type CriticKind = "verifier" | "judge";

/** Who can critique in a project besides people: code and models. */
export function useCritics(project: string, enabled = true) {
  return {
    verifiers: useQuery({ ...verifiersQuery, enabled }),
    judges: useQuery({ ...judgesQuery(project), enabled }),
  };
}
