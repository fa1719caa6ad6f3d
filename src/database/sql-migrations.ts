import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Migration } from '@mikro-orm/migrations';
import type { MigrationObject } from '@mikro-orm/core';
import { projectRoot } from './project-root.js';

const DOWN_MARK = /^-- migrate:down$/m;

/**
 * The files of migrations/, oldest first, as MikroORM migrations. Each is plain SQL: what to do, a
 * line `-- migrate:down`, what undoes it. They hold no `?`, which MikroORM would take for a parameter.
 */
export function sqlMigrations(folder = join(projectRoot, 'migrations')): MigrationObject[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => ({ name: basename(file, '.sql'), class: migrationOf(join(folder, file)) }));
}

function migrationOf(path: string): MigrationObject['class'] {
  const [up, down, ...rest] = readFileSync(path, 'utf8').split(DOWN_MARK);
  if (!up || !down || rest.length > 0) {
    throw new Error(`${path} must hold exactly one line "-- migrate:down", with SQL before and after it.`);
  }
  return class extends Migration {
    override up(): void {
      this.addSql(up);
    }
    override down(): void {
      this.addSql(down);
    }
  };
}
