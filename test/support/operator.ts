import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { blockText } from './documents.js';

/**
 * Where docs/operating.md is followed: its folder and its server are real ones here, and its names get an ending,
 * because the tests' PostgreSQL has roles and a database of the document's names already.
 */
export class OperatorPlace {
  private readonly ending = `_${randomBytes(4).toString('hex')}`;

  private constructor(
    readonly folder: string,
    private readonly superuserUrl: string,
  ) {}

  static async open(superuserUrl = process.env.TEST_SUPERUSER_URL!): Promise<OperatorPlace> {
    const folder = await mkdtemp(join(tmpdir(), 'answerback-operator-'));
    await chmod(folder, 0o755);
    return new OperatorPlace(folder, superuserUrl);
  }

  get keysFile(): string {
    return join(this.folder, 'encryption-keys');
  }

  /** What the application's own processes have in their environment. */
  get environment(): Record<string, string> {
    return { DATABASE_URL: this.url('answerback'), ENCRYPTION_KEYS: `file:${this.keysFile}` };
  }

  /** A block's commands, to be run here. */
  commands(key: string): string {
    return blockText(key)
      .replaceAll('/etc/answerback/', `${this.folder}/`)
      .replaceAll('answerback.dump', join(this.folder, 'answerback.dump'))
      .replaceAll(
        /postgres:\/\/(answerback_owner|answerback):([\w-]+)@db\.example\.com:5432\/(\w+)/g,
        (_all, role: string, password: string, database: string) => this.urlOf(role, password, database),
      );
  }

  /** Runs a block's SQL as the superuser. */
  async runSql(key: string, database?: string): Promise<void> {
    for (const statement of this.here(blockText(key)).split(';')) {
      if (statement.trim() !== '') {
        await this.query(statement, this.superuser(database));
      }
    }
  }

  url(role: 'answerback' | 'answerback_owner', database = 'answerback'): string {
    return this.urlOf(role, role === 'answerback' ? 'app-password' : 'owner-password', database);
  }

  /** Under the application's role unless another URL is given. */
  async query<Row extends object>(sql: string, url = this.url('answerback')): Promise<Row[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const database of ['answerback', 'answerback_drill']) {
      await this.query(`drop database if exists ${this.here(database)} with (force)`, this.superuser());
    }
    await this.query(this.here('drop role if exists answerback_owner, answerback'), this.superuser());
    await rm(this.folder, { recursive: true, force: true });
  }

  private superuser(database?: string): string {
    const url = new URL(this.superuserUrl);
    if (database !== undefined) {
      url.pathname = `/${this.here(database)}`;
    }
    return url.href;
  }

  private urlOf(role: string, password: string, database: string): string {
    return `postgres://${this.here(role)}:${password}@${new URL(this.superuserUrl).host}/${this.here(database)}`;
  }

  private here(text: string): string {
    return text.replaceAll(/\banswerback(_owner|_drill)?\b/g, (name) => `${name}${this.ending}`);
  }
}
