import { TEST_KEYS, type TestWorker } from './app.js';
import { freePort, startCommand, type RunningCommand } from './command.js';
import { Customers, nothingMissing, surveyPaths } from './customers.js';
import { eventually } from './eventually.js';
import { buildOrganisation, type TestOrganisation } from './factories.js';
import type { Receiver } from './receivers.js';

/** More than are answered in any drill. */
const INVITATIONS = 3_000;
const AT_ONCE = 8;

/** The product as its command starts it, with customers who answer surveys while a test breaks its database. */
export class DatabaseDrill {
  private demo!: TestOrganisation;
  customers!: Customers;
  private logged = 0;

  private constructor(
    private readonly running: RunningCommand,
    private readonly onlooker: TestWorker,
    private readonly receiver: Receiver,
  ) {}

  /** @param onlooker reaches the same database, whatever happens to the product's way to it; delivers nothing */
  static async start(databaseUrl: string, onlooker: TestWorker, receiver: Receiver): Promise<DatabaseDrill> {
    const port = await freePort();
    const variables = {
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEYS: TEST_KEYS,
      BASE_URL: `http://localhost:${port}`,
      DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    };
    return new DatabaseDrill(await startCommand({ dataDir: '/nowhere', port, variables }), onlooker, receiver);
  }

  /** Resolves when everything is in full swing. */
  async begin(): Promise<void> {
    this.demo = await buildOrganisation(this.onlooker, this.receiver.url('/hook'));
    const paths = await surveyPaths(this.onlooker, this.demo.survey, INVITATIONS);
    this.logged = this.running.output().length;
    this.customers = new Customers(
      paths.map((path) => `${this.running.url}${path}`),
      AT_ONCE,
    );
    await eventually(() => this.customers.told.acknowledged.length >= 20, 30_000);
  }

  /** What the product wrote since it began. */
  said(): string {
    return this.running.output().slice(this.logged);
  }

  async toldNotReady(check: string): Promise<void> {
    await eventually(async () => {
      const { status, checks } = await this.readiness();
      return status === 503 && checks[check] !== 'ok';
    }, 20_000);
  }

  /** Ready again by itself; and of all that customers were told was saved, nothing is missing and all has arrived. */
  async recovered(fault: string): Promise<void> {
    await eventually(async () => (await this.readiness().catch(() => ({ status: 0 }))).status === 200, 60_000);
    const before = this.customers.told.acknowledged.length;
    await eventually(() => this.customers.told.acknowledged.length > before + 20, 30_000);
    // What the product calls unexpected is a fault of its own.
    expect(this.said()).not.toContain('Reference');
    const told = await this.customers.stop();
    const counted = await nothingMissing(this.onlooker, this.demo.organisation.id, told, this.receiver);
    process.stdout.write(`${fault}: ${JSON.stringify(counted)}\n`);
  }

  private async readiness(): Promise<{ status: number; checks: Record<string, string> }> {
    const answer = await fetch(`${this.running.url}/health/ready`, { signal: AbortSignal.timeout(60_000) });
    return { status: answer.status, checks: ((await answer.json()) as { checks: Record<string, string> }).checks };
  }
}
