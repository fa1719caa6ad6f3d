/** The product's own pruning, rests included, as one of its delivery processes does it each hour. */
import { Logger } from '@nestjs/common';
import { fromBuild } from './ground.mjs';

Logger.overrideLogger(['warn', 'error']);

/**
 * Prunes what ended before the last `months` full months, and answers how many partitions were dropped.
 *
 * @param {number} months that stay, beside the one that is not over yet
 */
export async function pruneAllBut(ground, months) {
  const { DatabasePool } = await fromBuild('database/database-pool.js');
  const { Retention } = await fromBuild('delivery/retention.js');
  const { rows } = await ground.admin.query(
    `select floor(extract(epoch from now() - (date_trunc('month', now(), 'UTC') - make_interval(months => $1))) / 86400)::integer
       as days`,
    [months],
  );
  const { days } = rows[0];
  const database = new DatabasePool(ground.appUrl, { max: 1 });
  const environment = { deliveryRetentionDays: days, replyRetentionDays: days };
  try {
    const retention = new Retention(database, environment, { partitionsPruned: () => undefined });
    let dropped = 0;
    // A table that is locked at the moment is left for the next time, which here is at once.
    for (let now = await retention.prune(); now.length > 0; now = await retention.prune()) dropped += now.length;
    return dropped;
  } finally {
    await database.close();
  }
}
