import { z } from 'zod';
import { environmentSchema, wordsFor } from './environment-schema.js';

/** docs/configuration.md, as prettier leaves it. */
export function configurationDocument(): string {
  const settings = Object.entries<z.ZodType>(environmentSchema.shape);
  return [introduction, ...settings.map(([name, schema]) => section(name, schema))].join('\n');
}

const introduction = `# Configuration

Answerback is configured by environment variables, all of them optional: without any, it starts with a PostgreSQL of its
own. A variable set to nothing counts as not set, unless its section says otherwise. A bad value stops the start with a
message that names the variable, what it got and what it wants. The configuration in use is logged at the start, secrets
as yes or no.

This page is generated from \`src/config/environment-schema.ts\`: change that file and run \`npm run docs\`.
`;

function section(name: string, schema: z.ZodType): string {
  const words = wordsFor(name);
  const facts = [
    `- Default: ${defaultOf(schema) ?? words.unset}`,
    `- Accepts: ${words.wants}`,
    `- Example: \`${name}=${words.example}\``,
    ...(words.empty === undefined ? [] : [`- Set to nothing: ${words.empty}`]),
    `- Secret: ${words.secret ? 'yes' : 'no'}`,
  ];
  return `## ${name}\n\n${words.causes}\n\n${facts.join('\n')}\n`;
}

function defaultOf(schema: z.ZodType): string | undefined {
  return schema instanceof z.ZodPrefault ? `\`${String(schema.def.defaultValue)}\`` : undefined;
}
