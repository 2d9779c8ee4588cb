export type Role = "owner" | "admin" | "member" | "viewer";

export const roles: Array<[Role, string, string]> = [
  ["owner", "Owner", "does everything"],
  ["admin", "Admin", "invites and manages members and viewers"],
  ["member", "Member", "works on its runs"],
  ["viewer", "Viewer", "looks"],
];

export function nameOf(role: string): string {
  return roles.find(([id]) => id === role)?.[1] ?? role;
}

/** Whether the bearer of a role may give, change or take another one. */
export function mayManage(own: string, other: string): boolean {
  return own === "owner" || (own === "admin" && (other === "member" || other === "viewer"));
}

export function mayInvite(own: string): boolean {
  return own === "owner" || own === "admin";
}

const mostPages = 20;

interface Part<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** A list with all its pages, as far as one looks at it at once. */
export async function whole<Item>(
  page: (cursor?: string) => Promise<Part<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  for (let at = 0; at < mostPages; at++) {
    const next = await page(cursor);
    all.push(...next.items);
    if (!next.next_cursor) break;
    cursor = next.next_cursor;
  }
  return all;
}
