import { defineEntity, p } from '@mikro-orm/core';

const NoteSchema = defineEntity({
  name: 'Note',
  tableName: 'note',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    responseId: p.bigint('number'),
    authorId: p.bigint('number'),
    text: p.text(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});

/** What a member wrote beside a response: what was done about it, what was agreed. */
export class Note extends NoteSchema.class {}
NoteSchema.setClass(Note);
