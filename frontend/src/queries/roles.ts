import { useQuery } from "@tanstack/react-query";
import { projectQuery } from "@/queries/projects";

/** Whether I may change things in a project (owner or admin); false until that is known. */
export function useMayManage(project: string): boolean {
  const role = useQuery(projectQuery(project)).data?.role;
  return role === "owner" || role === "admin";
}

/** Whether I may read and sort out everybody's critiques (reviewers and up); false until that is known. */
export function useMayReview(project: string): boolean {
  const role = useQuery(projectQuery(project)).data?.role;
  return role === "owner" || role === "admin" || role === "reviewer";
}
