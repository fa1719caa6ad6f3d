import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { AddressGuard, type Lookup } from './address-guard.js';
import { GuardedClient } from './guarded-client.js';

/** Below this path of our own address the built-in receiver answers; the guard lets calls to it through. */
export const RECEIVER_PATH = '/receiver';

/** Whom calls ask and trust, where that is not the system: only a test gives one. */
export interface CallableNetwork {
  readonly lookup?: Lookup;
  readonly ca?: string;
}

@Global()
@Module({})
export class OutboundModule implements OnApplicationShutdown {
  static with({ lookup, ca }: CallableNetwork = {}): DynamicModule {
    return {
      module: OutboundModule,
      providers: [
        {
          provide: GuardedClient,
          inject: [Environment],
          useFactory: (environment: Environment) =>
            new GuardedClient({
              guard: new AddressGuard({ allowedNetworks: environment.deliveryAllowedNetworks, lookup }),
              ownReceiver: { origin: environment.baseUrl, pathPrefix: RECEIVER_PATH },
              ca,
            }),
        },
      ],
      exports: [GuardedClient],
    };
  }

  constructor(private readonly client: GuardedClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
