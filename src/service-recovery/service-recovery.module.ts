import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Note } from './note.entity.js';
import { NotesController } from './notes.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Note])], controllers: [NotesController] })
export class ServiceRecoveryModule {}
