import { globSync } from 'node:fs';

/**
 * The rooms whose code is mutated, and for each the test files that exercise it. The files in `src` are plain
 * and fast; the journeys in `test` cost a database each.
 */
export const rooms = {
  outbound: { tests: ['src/outbound/*.spec.ts'] },
  records: { tests: ['src/records/*.spec.ts'] },
  webhooks: {
    tests: ['src/webhooks/*.spec.ts', 'test/webhooks/*.spec.ts', 'test/delivery/{payload,retries}.spec.ts'],
  },
  responses: {
    tests: [
      'src/responses/*.spec.ts',
      'test/responses/*.spec.ts',
      'test/answering/answering.spec.ts',
      'test/delivery/{payload,submissions}.spec.ts',
      'test/api/responses.spec.ts',
    ],
  },
  delivery: { tests: ['src/delivery/*.spec.ts', 'test/delivery/*.spec.ts'] },
};

/** What holds no behaviour of its own to mutate. */
const leftOut = [
  // Tests.
  '**/*.spec.ts',
  // Lists of providers: a wrong one does not start, which the compiler and every journey notice.
  '**/*.module.ts',
  // The columns of a table, by name; PostgreSQL refuses a wrong one.
  '**/*.entity.ts',
  // What the description of the API says, in words and made-up examples; tests compare it with real answers.
  '**/{*.schema,*.operations,response-samples,request-headers}.ts',
];

const filesLeftOut = [
  // A process of the built code, which is not mutated.
  'test/delivery/killed-worker.spec.ts',
  // Many random values, for which each mutant that survives would wait.
  'src/*/*.properties.spec.ts',
  // Misbehaviour that lasts until its deadline.
  'test/delivery/hostile-*.spec.ts',
];

/** They take five to ten seconds, which each mutant that survives would wait for. */
export const testsLeftOut = [
  'a thousand bad certificates leave nothing behind',
  'are kept and used again, and gone after some seconds of idleness',
];

export function testFiles(room) {
  return rooms[room].tests.flatMap((pattern) => globSync(pattern, { exclude: filesLeftOut }).toSorted());
}

export function mutatedFiles(room) {
  return [`src/${room}/**/*.ts`, ...leftOut.map((pattern) => `!src/${room}/${pattern}`)];
}

/** A room's reports, and what its next run can go on from. */
export function reportFolder(room) {
  return `reports/mutation/${room}`;
}
