/**
 * The import direction of docs/architecture.md, as rules. A room may import itself, the kernel
 * (config, database, web) and what its line lists; everything else is refused.
 */
const kernel = ['config', 'database', 'web'];
const everyFeature = ['accounts', 'records', 'outbox'];
const mayImport = {
  config: [],
  database: ['config'],
  web: ['config', 'database'],
  records: [],
  outbox: ['records'],
  outbound: [],
  imports: [],
  notifications: [],
  accounts: ['records', 'outbox'],
  directory: everyFeature,
  surveys: [...everyFeature, 'directory'],
  invitations: [...everyFeature, 'surveys', 'directory', 'notifications'],
  responses: [...everyFeature, 'invitations', 'surveys', 'directory'],
  'service-recovery': [...everyFeature, 'responses', 'surveys', 'directory', 'notifications'],
  insights: [...everyFeature, 'responses', 'surveys', 'directory'],
  webhooks: [...everyFeature, 'outbound', 'imports'],
  delivery: [...everyFeature, 'webhooks', 'outbound', 'imports'],
  'webhook-log': [...everyFeature, 'webhooks', 'delivery'],
  'webhook-health': [...everyFeature, 'webhooks', 'delivery', 'notifications'],
  'integration-preferences': [...everyFeature, 'webhooks', 'delivery', 'webhook-health', 'outbound'],
  preferences: everyFeature,
  answering: [...everyFeature, 'surveys', 'invitations', 'responses', 'directory'],
  receiver: everyFeature,
  'api-description': [],
};

const rooms = Object.entries(mayImport).map(([room, allowed]) => {
  const reachable = [room, ...(room in { config: 1, database: 1 } ? allowed : [...kernel, ...allowed])];
  return {
    name: `what ${room} may import`,
    comment: `src/${room} may import only: ${reachable.join(', ')} (docs/architecture.md, "Who may import whom").`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: '^src/', pathNot: `^src/(${reachable.join('|')})/` },
  };
});

export default {
  forbidden: [
    {
      name: 'no cycles',
      comment:
        'Two files that import each other cannot be read, tested or moved apart: move what both need below them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every folder is a known room',
      comment: 'Add the new room to docs/architecture.md and to this table, with what it may import.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(mayImport).join('|')})/` },
      to: {},
    },
    ...rooms,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
