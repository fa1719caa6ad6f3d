import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { AddressGuard } from './address-guard.js';
import { GuardedClient } from './guarded-client.js';

/** Below this path of our own address the built-in receiver answers; the guard lets calls to it through. */
export const RECEIVER_PATH = '/receiver';

@Global()
@Module({
  providers: [
    {
      provide: GuardedClient,
      inject: [Environment],
      useFactory: (environment: Environment) =>
        new GuardedClient({
          guard: new AddressGuard({ allowedNetworks: environment.deliveryAllowedNetworks }),
          ownReceiver: { origin: environment.baseUrl, pathPrefix: RECEIVER_PATH },
        }),
    },
  ],
  exports: [GuardedClient],
})
export class OutboundModule implements OnApplicationShutdown {
  constructor(private readonly client: GuardedClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
