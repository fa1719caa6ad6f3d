import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker, type TestWorker } from '../support/app.js';
import { killStarted } from '../support/command.js';
import { DatabaseDrill } from '../support/database-drill.js';
import { eventually } from '../support/eventually.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.js';

const MEBIBYTES = 400;

const disk: SmallDisk | null = await mountSmallDisk(MEBIBYTES);
if (disk === null) {
  process.stdout.write('Not run: the full disk. Only an administrator may mount one of a test’s own.\n');
}

let postgres: OwnPostgres;
let onlooker: TestWorker;
let receiver: Receiver;
let drill: DatabaseDrill;

afterAll(async () => {
  drill?.customers?.abandon();
  killStarted();
  await onlooker?.close();
  await receiver?.close();
  await postgres?.drop().catch(() => undefined);
  await disk?.remove();
}, 60_000);

(disk === null ? it.skip : it)(
  'the disk of the database fills up, and there is room again later',
  async () => {
    postgres = await startOwnPostgres(disk!.folder);
    onlooker = await startWorker(postgres, { PROCESS: 'web' });
    receiver = await startReceiver({ answer: answers.after(20, 200) });
    drill = await DatabaseDrill.start(postgres.appUrl, onlooker, receiver);
    await drill.begin();

    await disk!.fill();
    await eventually(() => drill.customers.told.askedAgain >= 20, 60_000);
    await drill.toldNotReady('database');
    await sleep(1_000);
    await disk!.empty();
    await drill.recovered('disk full');
    // Where the log said what it was, whoever operates this knows what to do.
    expect(drill.said()).toMatch(/No space left on device/);
  },
  180_000,
);
