/**
 * A worker in a process of its own, from the built code, for tests that kill it. The environment is the
 * product's; it says "ready" when it delivers, and a SIGTERM closes it as the product would be. With a
 * TEST_AUTHORITY (PEM), every name leads to this machine and that authority's certificates are good.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../dist/app.module.js';
import { readEnvironment } from '../../dist/config/environment.js';

const environment = readEnvironment();
const ca = process.env.TEST_AUTHORITY;
const loopback = [{ address: '127.0.0.1', family: 4 }];
const context = await NestFactory.createApplicationContext(
  AppModule.with({
    environment,
    databaseUrl: environment.databaseUrl,
    keyringSource: environment.encryptionKeys,
    network: ca ? { ca, lookup: async () => loopback } : {},
  }),
  { logger: ['error', 'warn'] },
);
context.enableShutdownHooks();
process.stdout.write('ready\n');
