import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DatabasePool, PATIENCE } from './database-pool.js';
import { impatient, takeBackLostConnections } from './lost-connections.js';
import { ormOptions } from './orm-options.js';

const POOL_CONNECTIONS = 8;

/** The two ways to the one database: MikroORM, and the pool of the statements written as SQL. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: DatabasePool) {}

  static with(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        MikroOrmModule.forRoot({
          ...ormOptions(url),
          autoLoadEntities: true,
          driverOptions: { ...PATIENCE, ...impatient, onPoolCreated: takeBackLostConnections },
        }),
      ],
      providers: [{ provide: DatabasePool, useFactory: () => new DatabasePool(url, { max: POOL_CONNECTIONS }) }],
      exports: [DatabasePool],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
