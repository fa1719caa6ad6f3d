/** Which test runs a block of the documents. */
export interface Claim {
  /** The test's file, or a script of the project. */
  file: string;
  /** The test's name; none for a script. */
  test?: string;
  /**
   * `itself`: the test takes the block out of the document and runs it, so that its file names the block. `same`: it runs
   * the same command as it stands there, which takes too long to be run twice.
   */
  runs: 'itself' | 'same';
}

const FIRST_START =
  'the first start prints what a newcomer needs; an answer is delivered; SIGTERM to npm ends everything';
const start: Claim = { file: 'test/start/command.spec.ts', test: FIRST_START, runs: 'same' };
const testCommand: Claim = { file: '.ci/run', runs: 'same' };

/** Every block that has a language. A claim without a block, or a block without a claim, is a failure. */
export const claims: Readonly<Record<string, Claim>> = {
  'README.md#Run it/1': start,
  'README.md#Connect it/1': itself('test/docs/readme.spec.ts', 'the webhook is pointed at another address'),
  'README.md#Connect it/2': itself('test/docs/readme.spec.ts', 'a customer is invited'),
  'README.md#Connect it/3': itself(
    'test/docs/readme.spec.ts',
    'the plan is set while the application runs, which takes notice at once',
  ),
  'README.md#Test it/1': testCommand,
  'CONTRIBUTING.md#A change/1': testCommand,
  'docs/development.md#Setting up/1': start,
  'docs/development.md#The test command/1': testCommand,
  'docs/development.md#The test command/2': itself(
    'test/docs/development.spec.ts',
    'one file is run by its name, and in it the tests whose names hold a word',
  ),
  ...receiving({
    'The request/1': ['receiving', 'the example is a payload: the same keys in the same order, and the same answer'],
    'TypeScript/1': ['signatures', 'with TypeScript, on raw Node'],
    'Python/1': ['signatures', 'with Python'],
    'Shell/1': ['signatures', 'with a shell: %s'],
    'ServiceNow/1': ['receiving', 'the wrapper is the example, around the payload as it is'],
    'ServiceNow/2': ['service-now', 'takes a real call of the body %s'],
  }),
  ...operating({
    'Installing on a PostgreSQL of your own/1': ['operating', 'makes roles and database by the SQL that stands there'],
    'Installing on a PostgreSQL of your own/2': ['operating', 'makes roles and database by the SQL that stands there'],
    'Installing on a PostgreSQL of your own/3': ['operating', 'makes a key that nobody else can read'],
    'Installing on a PostgreSQL of your own/4': ['operating', 'makes the tables as the owner'],
    'Installing on a PostgreSQL of your own/5': [
      'operating',
      'starts one process of each kind, under a role that owns nothing',
    ],
    'A PostgreSQL of your own/1': [
      'backups',
      'a backup of a PostgreSQL of one’s own is restored beside it, and the keys open every secret in it',
    ],
    'A PostgreSQL of your own/2': [
      'backups',
      'a backup of a PostgreSQL of one’s own is restored beside it, and the keys open every secret in it',
    ],
    'A PostgreSQL of your own/3': [
      'backups',
      'a backup of a PostgreSQL of one’s own is restored beside it, and the keys open every secret in it',
    ],
    'The embedded PostgreSQL/1': [
      'readme',
      'a backup of the embedded PostgreSQL is restored in another folder, with its keys',
    ],
    'The embedded PostgreSQL/2': [
      'readme',
      'a backup of the embedded PostgreSQL is restored in another folder, with its keys',
    ],
    'E-mail/1': ['operating', 'takes the mail server of the example'],
    'Encryption keys/1': ['operating', 'a new key is used by the running processes as soon as it is in the file'],
    'Encryption keys/2': ['operating', 'npm run reencrypt puts everything under it, and the old key can go'],
    'Encryption keys/3': ['operating', 'npm run reencrypt puts everything under it, and the old key can go'],
    'What to watch/1': ['operating', 'asks whether a process is ready'],
    'What to watch/2': ['operating', 'says how much is due, and since when'],
    'What to watch/3': ['operating', 'says which webhooks fail, how often in a row and since when'],
    'What to watch/4': ['operating', 'says what waits for a webhook that is off'],
    'What to watch/5': ['operating', 'says which deliveries failed for good'],
    'What to watch/6': ['operating', 'says how far the partitions go: a year'],
    'What to watch/7': ['operating', 'says which tables are large, all months of one together'],
    'Plans/1': ['operating', 'is done while the application runs'],
  }),
};

/** Pages whose blocks are all of one kind and are taken by one test, whatever their number. */
export const claimedPages: Readonly<Record<string, Claim>> = {
  'docs/style.md': itself('test/docs/style.spec.ts', 'the better of $key stands in the file that it names'),
  'docs/api.md': itself('test/docs/documents.spec.ts', 'every example of JSON is JSON'),
};

/** Every command that stands within a line of the documents, and what runs it; each `&&` joins two. */
export const lineClaims: Readonly<Record<string, Pick<Claim, 'file' | 'test'>>> = {
  'npm install': testCommand,
  'npm start': start,
  'LOG_LEVEL=debug npm start': {
    file: start.file,
    test: 'a later start keeps the data, prints no password and, asked to, tells of every attempt; Ctrl-C ends it',
  },
  ...parts('format:check', 'lint', 'types', 'build', 'jest'),
  'npm run migrate': {
    file: start.file,
    test: 'with DATABASE_URL a schema that is behind is refused, and npm run migrate mends it',
  },
  'npm run reencrypt': {
    file: 'test/docs/operating.spec.ts',
    test: 'npm run reencrypt puts everything under it, and the old key can go',
  },
  'npm run plan -- <portal code> <basic\\|corporate\\|enterprise>': {
    file: 'test/docs/operating.spec.ts',
    test: 'is done while the application runs',
  },
  'FAULT_CYCLES=500 npm run jest -- test/faults': {
    file: 'test/faults/processes.spec.ts',
    test: 'SIGKILL of the delivering process, again and again under load, loses nothing',
  },
  'npm run docs': made('the page of the environment variables'),
  'npm run pictures': made('the pictures of the front page'),
  'npm run mutation': made('the mutants of a room, and their score'),
  'npm run mutation -- outbound': made('the mutants of a room, and their score'),
  'MUTATION_MOST_FILES=100 npm run mutation -- delivery --force': made('the mutants of a room, and their score'),
  'npm run mutation -- --force': made('the mutants of a room, and their score'),
};

/** Commands that the documents name and no test runs, and why. */
export const unclaimed: Readonly<Record<string, string>> = {
  'npm ci': 'is named as what fails',
  'npm run format': 'changes the files; the test command checks that it would change none',
  'npm audit': 'asks a registry what is known today',
  'npm sbom': 'belongs to npm, and is named for what it can do',
};

function itself(file: string, test: string): Claim {
  return { file, test, runs: 'itself' };
}

function made(test: string): Pick<Claim, 'file' | 'test'> {
  return { file: 'test/docs/development.spec.ts', test };
}

/** Of the test command: that they are its parts, a test of its page shows. */
function parts(...names: string[]): Record<string, Claim> {
  return Object.fromEntries(names.map((name) => [`npm run ${name}`, testCommand]));
}

function receiving(blocks: Record<string, [spec: string, test: string]>): Record<string, Claim> {
  return onPage('docs/receiving-webhooks.md', blocks);
}

function operating(blocks: Record<string, [spec: string, test: string]>): Record<string, Claim> {
  return onPage('docs/operating.md', blocks);
}

function onPage(page: string, blocks: Record<string, [spec: string, test: string]>): Record<string, Claim> {
  return Object.fromEntries(
    Object.entries(blocks).map(([block, [spec, test]]) => [
      `${page}#${block}`,
      itself(`test/docs/${spec}.spec.ts`, test),
    ]),
  );
}
