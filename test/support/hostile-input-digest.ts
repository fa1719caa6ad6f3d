import { createHash } from 'node:crypto';
import type { TestWeb } from './web.js';

/** Every row of every table as text, by table; partitions are read through their parents. */
export async function everyRow(web: TestWeb): Promise<Map<string, string[]>> {
  const { rows: tables } = await web.pool.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  const dump = new Map<string, string[]>();
  for (const { name } of tables) {
    const { rows } = await web.pool.query<{ row: string }>(`select t::text as row from ${name} t order by 1`);
    dump.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return dump;
}

/**
 * What the tables hold of an organisation, a digest of each. Sessions are left out: every request of a member
 * touches its own.
 */
export async function digestOf(web: TestWeb, organisationId: number): Promise<Record<string, string>> {
  const { rows: tables } = await web.pool.query<{ name: string; key: string }>(
    `select c.oid::regclass::text as name, case c.relname when 'organisation' then 'id' else 'organisation_id' end as key
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind in ('r', 'p') and not c.relispartition
        and (a.attname = 'organisation_id' or (c.relname = 'organisation' and a.attname = 'id')) order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name, key } of tables) {
    const { rows } = await web.pool.query<{ row: string }>(
      `select t::text as row from ${name} t where ${key} = $1 order by 1`,
      [organisationId],
    );
    const text = rows.map(({ row }) => row).join('\n');
    digests[name] = `${rows.length} rows, ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  }
  return digests;
}
