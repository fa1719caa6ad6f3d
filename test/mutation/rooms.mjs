/**
 * The rooms whose code is mutated, and for each the test files that exercise it. The files in `src` are plain
 * and fast; the journeys in `test` cost a database each.
 */
export const rooms = {
  outbound: {
    tests: ['src/outbound/*.spec.ts'],
    // Nine and five seconds, for each mutant that survives.
    testsLeftOut: [
      'a thousand bad certificates leave nothing behind',
      'are kept and used again, and gone after some seconds of idleness',
    ],
  },
  records: {
    tests: ['src/records/*.spec.ts', 'test/delivery/payload.spec.ts'],
  },
  webhooks: {
    tests: [
      'src/webhooks/*.spec.ts',
      'test/delivery/{payload,retries,signing-secrets}.spec.ts',
      'test/preferences/integration*.spec.ts',
    ],
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
  delivery: {
    tests: [
      'src/delivery/*.spec.ts',
      'test/delivery/!(killed-worker|hostile-*).spec.ts',
      'test/webhook-log/redelivery.spec.ts',
      'test/preferences/integration-calls.spec.ts',
    ],
  },
};

/** What holds no behaviour of its own to mutate. */
const leftOut = [
  // Tests.
  '**/*.spec.ts',
  // Lists of providers: a wrong one does not start, which the compiler and every journey notice.
  '**/*.module.ts',
  // The columns of a table, by name; PostgreSQL refuses a wrong one.
  '**/*.entity.ts',
];

export function mutatedFiles(room) {
  return [`src/${room}/**/*.ts`, ...leftOut.map((pattern) => `!src/${room}/${pattern}`)];
}

/** A room's reports, and what its next run can go on from. */
export function reportFolder(room) {
  return `reports/mutation/${room}`;
}
