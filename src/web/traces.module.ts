import { Global, Module } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { Traces } from './traces.js';

/** What sends them takes 25 MB, and is loaded only where it is wanted. */
async function traces({ otlpEndpoint }: Environment): Promise<Traces> {
  return new Traces(
    otlpEndpoint === undefined ? null : (await import('./traces-provider.js')).providerFor(otlpEndpoint),
  );
}

@Global()
@Module({ providers: [{ provide: Traces, useFactory: traces, inject: [Environment] }], exports: [Traces] })
export class TracesModule {}
