import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { DirectoryController } from './directory.controller.js';
import { Segment, SupportGroup } from './directory.entity.js';
import { DirectoryPage } from './directory-page.js';

@Module({
  imports: [MikroOrmModule.forFeature([SupportGroup, Segment])],
  controllers: [DirectoryController],
  providers: [DirectoryPage],
})
export class DirectoryModule {}
