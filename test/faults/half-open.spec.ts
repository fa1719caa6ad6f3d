import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { killStarted } from '../support/command.js';
import { DatabaseDrill } from '../support/database-drill.js';
import { eventually } from '../support/eventually.js';
import { startForwarder, type Forwarder } from '../support/forwarder.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let way: Forwarder;
let onlooker: TestWorker;
let receiver: Receiver;
let drill: DatabaseDrill;

beforeAll(async () => {
  database = await createTestDatabase();
  way = await startForwarder(database.appUrl);
  onlooker = await startWorker(database, { PROCESS: 'web' });
  receiver = await startReceiver({ answer: answers.after(20, 200) });
  drill = await DatabaseDrill.start(way.url, onlooker, receiver);
}, 60_000);
afterAll(async () => {
  drill?.customers?.abandon();
  killStarted();
  await onlooker?.close();
  await receiver?.close();
  await way?.close();
  await database?.drop();
}, 60_000);

it('the way to the database falls silent in both directions, and later lets new connections pass', async () => {
  await drill.begin();
  const saidBefore = drill.customers.told.askedAgain;
  way.goSilent();
  await drill.toldNotReady('database');
  // A statement is waited for 20 seconds, and whoever waits for a connection gives up earlier.
  await eventually(() => drill.customers.told.askedAgain >= saidBefore + 8, 40_000);
  await sleep(1_000);
  way.speakAgain();
  await drill.recovered('half-open');
}, 180_000);
