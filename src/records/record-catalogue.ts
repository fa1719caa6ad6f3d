import { Injectable } from '@nestjs/common';
import type { RecordType } from './record-type.js';

/** The kinds of records there are. The feature that owns a kind registers it when its module starts. */
@Injectable()
export class RecordCatalogue {
  private readonly types = new Map<string, RecordType>();

  register(type: RecordType): void {
    this.types.set(type.name, type);
  }

  /** @throws when no feature registered the name: a programming error, never bad input. */
  typeOf(name: string): RecordType {
    const type = this.types.get(name);
    if (!type) {
      throw new Error(`No feature registered the record type "${name}".`);
    }
    return type;
  }
}
