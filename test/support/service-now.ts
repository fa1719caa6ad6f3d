import { createContext, runInContext } from 'node:vm';

/**
 * As much of ServiceNow as a short script of a Scripted REST API needs: the request, the response, and records in
 * tables. It holds the script to JavaScript alone and to the methods below, and shows nothing of an instance's
 * rules, roles or business logic.
 */
export class StandInForServiceNow {
  private readonly tables = new Map<string, Row[]>();
  private inserted = 0;

  /** Adds a record, as somebody did before. */
  have(table: string, values: Row): void {
    this.rows(table).push({ sys_id: this.newId(), ...values });
  }

  rows(table: string): Row[] {
    const rows = this.tables.get(table) ?? [];
    this.tables.set(table, rows);
    return rows;
  }

  /** What the script answers to a JSON body. Objects cross the border as JSON, so that none is shared. */
  call(script: string, body: string): { status: number; message: string } {
    const answer = { status: 0, message: '' };
    const sandbox = createContext({ GlideRecord: this.recordClass(), answer, body });
    runInContext(
      `var request = { body: { data: JSON.parse(body), dataString: body } };
       var response = {
         setStatus: function (status) { answer.status = status; },
         setBody: function (content) { answer.message = content.message; }
       };
       ${script}`,
      sandbox,
      { timeout: 1_000 },
    );
    return answer;
  }

  private newId(): string {
    this.inserted += 1;
    return `sys${this.inserted}`;
  }

  private recordClass() {
    const rows = (table: string) => this.rows(table);
    const newId = () => this.newId();
    return class {
      private found: Row | undefined;
      private readonly changes: Row = {};

      constructor(private readonly table: string) {}

      get(column: string, value: string): boolean {
        this.found = rows(this.table).find((row) => row[column] === value);
        return this.found !== undefined;
      }

      getValue(column: string): string | null {
        return this.changes[column] ?? this.found?.[column] ?? null;
      }

      setValue(column: string, value: string): void {
        this.changes[column] = value;
      }

      getUniqueValue(): string {
        return this.found!.sys_id!;
      }

      insert(): void {
        rows(this.table).push({ sys_id: newId(), ...this.changes });
      }

      update(): void {
        Object.assign(this.found!, this.changes);
      }
    };
  }
}

type Row = Record<string, string>;
