import { createHash, randomBytes } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    name: p.text(),
    keyHash: p.blob().$type<Buffer>().hidden(),
    createdAt: p.datetime().onCreate(() => new Date()),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

/** A key of the JSON API. The key itself is shown once and never stored. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);

/** A new key: 256 random bits behind a prefix that makes a leaked one easy to search for. */
export function newApiKey(): string {
  return `abk_${randomBytes(32).toString('base64url')}`;
}

/** What is stored and looked up. The key is random, so that a fast hash is enough. */
export function apiKeyHash(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}
