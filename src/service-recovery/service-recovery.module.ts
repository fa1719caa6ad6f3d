import { MikroOrmModule } from '@mikro-orm/nestjs';
import { EntityManager } from '@mikro-orm/postgresql';
import { Module } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import { Panels } from '../web/panels.js';
import { knownZone } from '../web/time-zone.js';
import { Note } from './note.entity.js';
import { notesPanel } from './notes-panel.js';
import { NotesController } from './notes.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Note])], controllers: [NotesController] })
export class ServiceRecoveryModule {
  constructor(panels: Panels, em: EntityManager) {
    panels.register('notes of a response', {
      view({ organisation }: AccountRequest, id) {
        const { id: organisationId, timeZone } = organisation!;
        return notesPanel(em, { id, organisationId }, knownZone(timeZone), 'response');
      },
    });
  }
}
