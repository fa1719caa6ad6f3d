import type { EntityManager } from '@mikro-orm/postgresql';
import { ApiKey, apiKeyHash, newApiKey } from './api-key.entity.js';

/** Writes an API key and returns it; this is the only moment it can be seen. */
export async function createApiKey(
  em: EntityManager,
  organisationId: number,
  name: string,
  key: string = newApiKey(),
): Promise<string> {
  em.create(ApiKey, { organisationId, name, keyHash: apiKeyHash(key) });
  await em.flush();
  return key;
}
