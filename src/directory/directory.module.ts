import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Segment, SupportGroup } from './directory.entity.js';

@Module({ imports: [MikroOrmModule.forFeature([SupportGroup, Segment])] })
export class DirectoryModule {}
