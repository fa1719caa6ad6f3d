import { execFileSync } from 'node:child_process';
import {
  access,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { binariesFor, installedBinaries } from './postgres-binaries.js';
import { choosePostgresUser } from './postgres-user.js';
import { isRunning } from './postmaster.js';

const isRoot = process.getuid?.() === 0;
const started: EmbeddedPostgres[] = [];
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(started.map(async (postgres) => postgres.stop()));
  await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true, force: true })));
  // Gone too where these tests made it; it stays where it holds something else.
  await rmdir('/var/lib/answerback').catch(() => undefined);
}, 60_000);

describe('the PostgreSQL of a data folder', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  let said: string[] = [];

  beforeAll(async () => {
    dataDir = join(await openFolder(), 'data');
    await restart();
    await query(postgres.ownerUrl, 'CREATE TABLE note (id serial PRIMARY KEY, text text)');
    await query(postgres.appUrl, "INSERT INTO note (text) VALUES ('kept')");
  }, 60_000);

  async function restart(): Promise<void> {
    said = [];
    postgres = await start(dataDir, said);
  }

  test('lives in the data folder, and its passwords are for its owner only', async () => {
    expect(postgres.directory).toBe(join(dataDir, 'postgresql'));
    expect((await stat(join(dataDir, 'postgresql.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgresql.log'))).mode & 0o077).toBe(0);
    expect(await readdir(dataDir)).toEqual(expect.not.arrayContaining([expect.stringContaining('unfinished')]));
  });

  test('is set up for the app: UTF-8, UTC, checksums, no socket, only this machine', async () => {
    const [settings] = await query(
      postgres.superuserUrl,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
              current_setting('data_checksums') AS checksums, current_setting('unix_socket_directories') AS sockets,
              current_setting('listen_addresses') AS addresses, current_setting('max_connections') AS connections`,
    );
    expect(settings).toEqual({
      encoding: 'UTF8',
      zone: 'UTC',
      checksums: 'on',
      sockets: '',
      addresses: '127.0.0.1',
      connections: '100',
    });
  });

  test('gives the app a role that is neither superuser nor owner and cannot create tables', async () => {
    const [role] = await query(
      postgres.appUrl,
      `SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, pg_has_role('answerback_owner', 'MEMBER') AS owner
       FROM pg_roles WHERE rolname = current_user`,
    );
    expect(role).toEqual({
      rolname: 'answerback',
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      owner: false,
    });
    await expect(query(postgres.appUrl, 'CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
    await expect(query(postgres.appUrl, 'DROP TABLE note')).rejects.toThrow('must be owner');
    await expect(query(postgres.appUrl, 'SELECT count(*) FROM note')).resolves.toHaveLength(1);
  });

  test('gives migrations a role that owns the database and is no superuser', async () => {
    const [role] = await query(
      postgres.ownerUrl,
      `SELECT rolname, rolsuper, pg_get_userbyid(datdba) AS owner
       FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
    );
    expect(role).toEqual({ rolname: 'answerback_owner', rolsuper: false, owner: 'answerback_owner' });
  });

  test('stops without leaving a process, and has kept its data and its port at the next start', async () => {
    const pid = await postmasterOf(postgres);
    const everything = [pid, ...childrenOf(pid)];
    const before = postgres.appUrl;
    await postgres.stop();
    await postgres.stop();
    expect(await Promise.all(everything.map(isRunning))).toEqual(everything.map(() => false));

    await restart();
    expect(postgres.appUrl).toBe(before);
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  test('is adopted when it already runs', async () => {
    const first = postgres;
    const pid = await postmasterOf(first);
    await restart();
    expect(await postmasterOf(postgres)).toBe(pid);
    expect(postgres.appUrl).toBe(first.appUrl);
    expect(said).toEqual([expect.stringContaining('already runs')]);
  }, 60_000);

  test('starts again after its first process was killed', async () => {
    process.kill(await postmasterOf(postgres), 'SIGKILL');
    await restart();
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  test('starts again after all its processes were killed', async () => {
    const pid = await postmasterOf(postgres);
    for (const each of [pid, ...childrenOf(pid)]) killIfThere(each);
    await restart();
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  test('starts when something else now has the process number in its lock', async () => {
    await postgres.stop();
    await writeFile(join(postgres.directory, 'postmaster.pid'), `${process.pid}\n${postgres.directory}\n0\n1\n\n\n`);
    await restart();
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  test('takes another port when something else has its own', async () => {
    const port = Number(new URL(postgres.appUrl).port);
    await postgres.stop();
    const other = createServer().listen(port, '127.0.0.1');
    await restart();
    other.close();
    expect(new URL(postgres.appUrl).port).not.toBe(String(port));
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  test('is left alone with an explanation when its passwords are lost', async () => {
    await postgres.stop();
    const file = join(dataDir, 'postgresql.json');
    await rename(file, `${file}.kept`);
    await expect(start(dataDir)).rejects.toThrow('does not accept the password in postgresql.json');
    await expect(access(join(postgres.directory, 'postmaster.pid'))).rejects.toThrow('ENOENT');
    await rename(`${file}.kept`, file);
  }, 60_000);

  test('fails at once with the end of its log when it cannot be started', async () => {
    const file = join(postgres.directory, 'postgresql.conf');
    const settings = await readFile(file, 'utf8');
    await writeFile(file, `${settings}\nnonsense = 1\n`);
    await expect(start(dataDir)).rejects.toThrow('unrecognized configuration parameter "nonsense"');
    await writeFile(file, settings);
  });

  test('is left alone with an explanation when another version made it', async () => {
    const file = join(postgres.directory, 'PG_VERSION');
    const version = await readFile(file, 'utf8');
    await writeFile(file, '17\n');
    await expect(start(dataDir)).rejects.toThrow('was made by PostgreSQL 17');
    await writeFile(file, version);
  });

  test('is not begun anew when it has gone missing', async () => {
    await rename(postgres.directory, `${postgres.directory}.away`);
    await expect(start(dataDir)).rejects.toThrow('Put it back from a backup');
    await rename(`${postgres.directory}.away`, postgres.directory);
    await restart();
    expect(await notes()).toEqual(['kept']);
  }, 60_000);

  async function notes(): Promise<unknown[]> {
    return (await query(postgres.appUrl, 'SELECT text FROM note')).map(({ text }) => text);
  }
});

test('a first start that was killed half-way is begun again', async () => {
  const dataDir = await openFolder();
  const deadProcess = 2 ** 22 + 1;
  for (const half of ['postgresql', `postgresql.unfinished-${deadProcess}`]) {
    await mkdir(join(dataDir, half, 'base'), { recursive: true });
    await writeFile(join(dataDir, half, 'PG_VERSION'), '18\n');
  }
  const said: string[] = [];
  const postgres = await start(dataDir, said);
  await expect(query(postgres.appUrl, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  expect(said).toContainEqual(expect.stringContaining('held no complete database'));
  expect(await readdir(dataDir)).toEqual(expect.not.arrayContaining([expect.stringContaining('unfinished')]));
}, 60_000);

test('below a folder that only its owner may enter, root keeps the data elsewhere and says so; others keep it there', async () => {
  const dataDir = join(await privateFolder(), 'data');
  const said: string[] = [];
  const first = await start(dataDir, said);
  if (isRoot) folders.push(join(first.directory, '..'));
  await query(first.ownerUrl, 'CREATE TABLE note (id int)');
  await first.stop();
  const second = await start(dataDir);

  expect(first.directory).toMatch(isRoot ? /^\/var\/lib\/answerback\/.*-data-[0-9a-f]{8}\/postgresql$/ : dataDir);
  expect(said).toContainEqual(expect.stringContaining(isRoot ? `Its data is kept in` : first.directory));
  expect(await readdir(dataDir)).toContain('postgresql.json');
  expect(second.directory).toBe(first.directory);
  await expect(query(second.appUrl, 'SELECT * FROM note')).resolves.toEqual([]);
}, 60_000);

test('binaries that the user of PostgreSQL cannot reach are copied to where it can; others run in place', async () => {
  const hidden = await privateFolder();
  const original = await installedBinaries();
  await cp(original.directory, join(hidden, 'native'), { recursive: true, verbatimSymlinks: true });
  const installed = { directory: join(hidden, 'native'), version: `test-${process.pid}` };
  const said: string[] = [];
  const binaries = await binariesFor(await choosePostgresUser(hidden), installed, (line) => said.push(line));
  if (isRoot) folders.push(binaries.directory);

  const copy = `/var/lib/answerback/postgresql-${installed.version}`;
  expect(binaries.directory).toBe(isRoot ? copy : installed.directory);
  expect(said).toEqual(isRoot ? [expect.stringContaining(`PostgreSQL runs from a copy in ${copy}`)] : []);
}, 60_000);

async function start(dataDir: string, said: string[] = []): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, say: (line) => said.push(line), durable: false });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function openFolder(): Promise<string> {
  const folder = await privateFolder();
  await chmod(folder, 0o755);
  return folder;
}

async function privateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'answerback-postgres-'));
  folders.push(folder);
  return folder;
}

async function postmasterOf({ directory }: EmbeddedPostgres): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'postmaster.pid'), 'utf8'), 10);
}

/** The children end by themselves when they notice that the first process is gone. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}

function childrenOf(pid: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child && parent === pid ? [child] : []));
}
