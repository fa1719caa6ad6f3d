import { roles, type Role } from '../../src/accounts/member.entity.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { buildMember, signIn, type TestWeb, type Visitor } from '../support/web.js';

/** An organisation with an admin signed in, and whoever else is asked for. */
export interface Staffed extends TestOrganisation {
  admin: Visitor;
  /** Somebody in this role, signed in when first asked for. */
  as(role: Role): Promise<Visitor>;
}

export async function buildStaffed(web: TestWeb, url: string | null = null): Promise<Staffed> {
  const built = await buildOrganisation(web, url);
  const visitors = new Map<Role, Promise<Visitor>>();
  const arrive = async (role: Role): Promise<Visitor> => {
    const { email, password } = await buildMember(web, { organisationId: built.organisation.id, role });
    return signIn(web, email, password);
  };
  const as = (role: Role): Promise<Visitor> => {
    const visitor = visitors.get(role) ?? arrive(role);
    visitors.set(role, visitor);
    return visitor;
  };
  return { ...built, admin: await as('admin'), as };
}

/** The statuses that a page answers to each role, in the order admin, developer, support lead, viewer. */
export async function statusesOf(staffed: Staffed, path: string): Promise<number[]> {
  return forEachRole(staffed, (visitor) => visitor.get(path));
}

/** As above, for a form. */
export async function postedBy(staffed: Staffed, path: string, fields: Record<string, string>): Promise<number[]> {
  return forEachRole(staffed, (visitor) => visitor.post(path, fields));
}

async function forEachRole(
  staffed: Staffed,
  ask: (visitor: Visitor) => PromiseLike<{ status: number }>,
): Promise<number[]> {
  const statuses = [];
  for (const role of roles) {
    statuses.push((await ask(await staffed.as(role))).status);
  }
  return statuses;
}

export async function setPlan(web: TestWeb, { organisation }: TestOrganisation, plan: string): Promise<void> {
  await web.pool.query('update organisation set plan = $2 where id = $1', [organisation.id, plan]);
}

/** What the audit trail says, oldest first. */
export async function auditedActs(
  web: TestWeb,
  { organisation }: TestOrganisation,
): Promise<Record<string, unknown>[]> {
  const { rows } = await web.pool.query(
    `select action, target, details from audit_entry
      where organisation_id = $1 and action not like 'session.%' and action not like 'sign_in%' order by id`,
    [organisation.id],
  );
  return rows;
}

/** A page's text as a person reads it. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style|head)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<\/?(dt|dd|td|th|br|p|div|li|h\d|option|section|form|button|label)\b[^>]*>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
}

/** The HTML of one listening post's section of Integration. */
export function sectionOf(html: string, post: 'transactional' | 'relationship'): string {
  const start = html.indexOf(`aria-labelledby="${post}-heading"`);
  const end = post === 'transactional' ? html.indexOf('aria-labelledby="relationship-heading"') : html.length;
  return html.slice(start, end);
}
