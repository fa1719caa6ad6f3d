import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Keyring } from './keyring.js';

@Global()
@Module({})
export class KeyringModule {
  /** The source as in ENCRYPTION_KEYS: the keys themselves, or `file:<path>`. */
  static with(source: string): DynamicModule {
    return {
      module: KeyringModule,
      providers: [{ provide: Keyring, useFactory: () => Keyring.fromSource(source) }],
      exports: [Keyring],
    };
  }
}
