import type { Shapes } from "@/lib/api";

export type Role = Shapes["Role"];

/** From the most rights to the least; each covers those after it. */
export const ROLES: readonly Role[] = ["owner", "admin", "reviewer", "annotator", "viewer"];

/** Whether a role holds every right of another. */
export function covers(own: Role, other: Role): boolean {
  return ROLES.indexOf(own) <= ROLES.indexOf(other);
}

/** The roles that somebody may hand out: nobody gives more than they have. */
export function mayGive(own: Role): Role[] {
  return ROLES.filter((role) => covers(own, role));
}
